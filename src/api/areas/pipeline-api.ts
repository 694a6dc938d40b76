// Looking at a pipeline before it runs: plan and graph, as one caller sees it.
import type { Actor } from '../../store/object.ts'
import type { ApiWorld } from '../api-world.ts'
import type { PipelineApi } from '../contract/pipeline-routes.ts'

export function createPipelineApi(_world: ApiWorld, _actor: Actor): PipelineApi {
  return {}
}
