// Keys that sign releases, and which of them are trusted, as one caller sees it.
import type { Actor } from '../../store/object.ts'
import type { ApiWorld } from '../api-world.ts'
import type { TrustApi } from '../contract/trust-routes.ts'

export function createTrustApi(_world: ApiWorld, _actor: Actor): TrustApi {
  return {}
}
