// Moving releases: registries, archives, verification of what came from elsewhere, as one caller sees it.
import type { Actor } from '../../store/object.ts'
import type { ApiWorld } from '../api-world.ts'
import type { PackageApi } from '../contract/package-routes.ts'

export function createPackageApi(_world: ApiWorld, _actor: Actor): PackageApi {
  return {}
}
