// What is kept and why: garbage collection, pins, lineage, exports of records, as one caller sees it.
import type { Actor } from '../../store/object.ts'
import type { ApiWorld } from '../api-world.ts'
import type { KeepingApi } from '../contract/keeping-routes.ts'

export function createKeepingApi(_world: ApiWorld, _actor: Actor): KeepingApi {
  return {}
}
