// Keys that sign releases, and which of them are trusted: methods, routes, inputs and views of this part of the API. Browser-safe.
import type { z } from 'zod'
import type { RouteTable } from './route.ts'

export type TrustApi = Record<never, never>

export const trustRoutes: RouteTable<TrustApi> = {}

export const trustInputs: Partial<Record<keyof TrustApi, z.ZodType>> = {}
