// Looking at a pipeline before it runs: plan and graph: methods, routes, inputs and views of this part of the API. Browser-safe.
import type { z } from 'zod'
import type { RouteTable } from './route.ts'

export type PipelineApi = Record<never, never>

export const pipelineRoutes: RouteTable<PipelineApi> = {}

export const pipelineInputs: Partial<Record<keyof PipelineApi, z.ZodType>> = {}
