// Looking into releases: differences, cards, rebuilding: methods, routes, inputs and views of this part of the API. Browser-safe.
import type { z } from 'zod'
import type { RouteTable } from './route.ts'

export type ReleaseApi = Record<never, never>

export const releaseRoutes: RouteTable<ReleaseApi> = {}

export const releaseInputs: Partial<Record<keyof ReleaseApi, z.ZodType>> = {}
