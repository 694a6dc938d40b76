// From stored deployments to what should run and how traffic should flow, for a platform adapter to make true.
import type { EnvironmentSpec } from '../../project/environment-spec.ts'
import type { Deployment, ReleaseRef } from './deployment.ts'

export interface DesiredModel {
  readonly model: string
  readonly salt: string
  readonly epoch: number
  readonly rolloutId: string | null
  readonly stable: ReleaseRef | null
  readonly candidate: ReleaseRef | null
  readonly candidateBp: number
  readonly mirrorBp: number
  /** No traffic, but its replicas must stay up: the way back, or one whose traffic has only just gone. */
  readonly warm: readonly ReleaseRef[]
  /** Per serving release. */
  readonly replicas: number
}

export interface DesiredServing {
  readonly environments: readonly {
    readonly environment: string
    readonly port: number
    readonly models: readonly DesiredModel[]
  }[]
}

/** Environments in the order of the declaration; models by name. Deployments of undeclared environments are left out. */
export function desiredServing(
  deployments: readonly Deployment[],
  environments: readonly EnvironmentSpec[],
): DesiredServing {
  return {
    environments: environments.map((spec) => ({
      environment: spec.name,
      port: spec.port,
      models: deployments
        .filter((deployment) => deployment.environment === spec.name)
        .sort((a, b) => (a.model < b.model ? -1 : 1))
        .map((deployment) => desiredModel(deployment, spec)),
    })),
  }
}

function desiredModel(deployment: Deployment, spec: EnvironmentSpec): DesiredModel {
  const { model, salt, epoch, stable, candidate, candidateBp, mirrorBp } = deployment
  // A returning rollout keeps the lane for a moment longer; gateways need not know.
  const rolloutId = candidate === null ? null : deployment.rolloutId
  const routed = new Set([stable?.releaseId, candidate?.releaseId])
  const warm: ReleaseRef[] = []
  for (const release of [deployment.previous, ...deployment.leaving]) {
    if (release === null || routed.has(release.releaseId)) continue
    routed.add(release.releaseId)
    warm.push(release)
  }
  const routing = { model, salt, epoch, rolloutId, stable, candidate, candidateBp, mirrorBp }
  return { ...routing, warm, replicas: spec.replicas }
}
