// What is kept and why: garbage collection, pins, lineage, exports of records: methods, routes, inputs and views of this part of the API. Browser-safe.
import type { z } from 'zod'
import type { RouteTable } from './route.ts'

export type KeepingApi = Record<never, never>

export const keepingRoutes: RouteTable<KeepingApi> = {}

export const keepingInputs: Partial<Record<keyof KeepingApi, z.ZodType>> = {}
