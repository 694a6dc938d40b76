// Looking into releases: differences, cards, rebuilding, as one caller sees it.
import type { Actor } from '../../store/object.ts'
import type { ApiWorld } from '../api-world.ts'
import type { ReleaseApi } from '../contract/release-routes.ts'

export function createReleaseApi(_world: ApiWorld, _actor: Actor): ReleaseApi {
  return {}
}
