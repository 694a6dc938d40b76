// What the environment of the process says about registries.
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { RegistryAccess } from '../release/package/registry-credentials.ts'

export function registryAccess(env: NodeJS.ProcessEnv): RegistryAccess {
  return {
    user: env.LOCKSTEP_REGISTRY_USER ?? null,
    password: env.LOCKSTEP_REGISTRY_PASSWORD ?? null,
    dockerFolder: env.DOCKER_CONFIG ?? join(homedir(), '.docker'),
    path: env.PATH ?? '',
  }
}
