// Moving releases: registries, archives, verification of what came from elsewhere: methods, routes, inputs and views of this part of the API. Browser-safe.
import type { z } from 'zod'
import type { RouteTable } from './route.ts'

export type PackageApi = Record<never, never>

export const packageRoutes: RouteTable<PackageApi> = {}

export const packageInputs: Partial<Record<keyof PackageApi, z.ZodType>> = {}
