// Where a model comes from, as SLSA provenance v1 says it. Source: slsa.dev/spec/v1.1/provenance.
// What a builder vouches for goes to resolvedDependencies; what a person asked for, to externalParameters.
import type { Digest } from '../../foundation/digest.ts'
import type { ReleaseManifest } from '../manifest.ts'
import { bytesOfStatement, type Resource, sha256, subjectsOf } from './statement.ts'

export const provenancePredicate = 'https://slsa.dev/provenance/v1'
/** What kind of build it was: tells a reader how to understand the parameters. */
export const buildType = 'https://lockstep.dev/pipeline/v1'
export const builderId = 'https://lockstep.dev/control-plane/v1'

export interface BuildFacts {
  /** ISO 8601. */
  readonly startedOn: string
  readonly finishedOn: string
  /** Seeds of the steps that declare one. */
  readonly seeds: Readonly<Record<string, number>>
  /** Logs and metrics files of the steps. */
  readonly byproducts: readonly {
    readonly name: string
    readonly digest: Digest
    readonly mediaType: string
  }[]
}

export function provenanceStatement(manifest: ReleaseManifest, build: BuildFacts): Uint8Array {
  const { pipeline, environment, parameters } = manifest
  return bytesOfStatement({
    subject: subjectsOf(manifest),
    predicateType: provenancePredicate,
    predicate: {
      buildDefinition: {
        buildType,
        externalParameters: {
          project: manifest.project,
          model: manifest.model,
          pipeline: { digest: sha256(pipeline.definition) },
          gates: { digest: sha256(manifest.gates.definition) },
          parameters,
          seeds: build.seeds,
        },
        internalParameters: { platform: environment.platform, machine: environment.machine },
        resolvedDependencies: dependenciesOf(manifest),
      },
      runDetails: {
        builder: {
          id: builderId,
          version: { lockstep: environment.lockstep, node: environment.node },
        },
        metadata: {
          invocationId: manifest.runId,
          startedOn: build.startedOn,
          finishedOn: build.finishedOn,
        },
        byproducts: build.byproducts.map(({ name, digest, mediaType }) => ({
          name,
          digest: sha256(digest),
          mediaType,
        })),
      },
    },
  })
}

function dependenciesOf({ code, datasets, environment }: ReleaseManifest): readonly Resource[] {
  const { commit, tree, dirty } = code
  const named: Resource[] = []
  if (commit !== null)
    named.push({ name: 'commit', digest: { gitCommit: commit }, annotations: { dirty } })
  if (tree !== null) named.push({ name: 'project files', digest: sha256(tree) })
  for (const { name, version, rows } of datasets)
    named.push({ name: `dataset ${name}`, digest: sha256(version), annotations: { rows } })
  for (const { kind, interpreter, lockPath, lock } of environment.runtimes)
    named.push({ name: lockPath, digest: sha256(lock), annotations: { kind, interpreter } })
  return named
}
