// CycloneDX 1.6 ML-BOM: the model with its card, the data it was made from, and the packages it was made with.
import { isEnded } from '../runs/run.ts'
import { type LockedPackage, packagesOfPackageLock, packagesOfRequirements } from './lock-files.ts'
import { namedUuid } from './named-uuid.ts'
import type { DatasetFacts, RecordFacts, ReleaseFacts, RuntimeFacts } from './record-facts.ts'

type Json = Readonly<Record<string, unknown>>

export function cyclonedxOf(facts: RecordFacts, one: ReleaseFacts): Json {
  const { release, manifest, datasets, runtimes } = one
  const { lockstep, node, platform } = manifest.environment
  const tool = {
    type: 'application',
    'bom-ref': 'tool:lockstep',
    name: 'lockstep',
    version: lockstep,
  }
  const packages = new Map(
    runtimes.flatMap((runtime) => packagesOf(runtime).map((found) => [found.purl, found] as const)),
  )
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${namedUuid(`lockstep:${release.digest}`)}`,
    version: 1,
    metadata: {
      timestamp: manifest.createdAt,
      tools: { components: [tool] },
      component: modelComponent(facts, one),
      properties: [{ name: 'lockstep:node', value: `${node} on ${platform}` }],
    },
    components: [
      ...datasets.map(dataComponent),
      ...runtimes.map(runtimeComponent),
      ...[...packages.values()].map(packageComponent),
    ],
    dependencies: dependenciesOf(one),
  }
}

const modelRef = 'model'

function modelComponent(facts: RecordFacts, { release, manifest, datasets }: ReleaseFacts): Json {
  const { artifact } = manifest
  return {
    type: 'machine-learning-model',
    'bom-ref': modelRef,
    name: facts.model,
    version: String(release.number),
    description: `release ${release.number} (${release.alias}) of project ${facts.project}`,
    authors: manifest.code.authors.map((name) => ({ name })),
    hashes: [sha256(artifact.digest)],
    properties: [
      { name: 'lockstep:release', value: release.digest },
      { name: 'lockstep:run', value: manifest.runId },
      ...(manifest.code.commit ? [{ name: 'lockstep:commit', value: manifest.code.commit }] : []),
      { name: 'lockstep:reproducibility', value: manifest.reproducibility.level },
    ],
    modelCard: {
      modelParameters: {
        datasets: datasets.map(({ name }) => ({ ref: dataRef(name) })),
        inputs: tensors(artifact.signature.inputs),
        outputs: tensors(artifact.signature.outputs),
      },
      quantitativeAnalysis: { performanceMetrics: metricsOf(facts) },
    },
  }
}

/** What the gates measured, with the interval they judged by. */
function metricsOf({ run }: RecordFacts): Json[] {
  if (!run || !isEnded(run)) return []
  return run.gates.flatMap((gate) =>
    gate.checks.flatMap(({ text, estimate, lower, upper }) => {
      if (estimate === null) return []
      const bounds = {
        ...(lower === null ? {} : { lowerBound: String(lower) }),
        ...(upper === null ? {} : { upperBound: String(upper) }),
      }
      const interval = Object.keys(bounds).length === 0 ? {} : { confidenceInterval: bounds }
      return [{ type: text, value: String(estimate), slice: gate.name, ...interval }]
    }),
  )
}

function tensors(signature: readonly { readonly name: string; readonly datatype: string }[]) {
  return signature.map(({ name, datatype }) => ({ format: `${name}: ${datatype}` }))
}

function dataComponent(dataset: DatasetFacts): Json {
  const { name, version, rows, schema, files } = dataset
  const [only, other] = files
  return {
    type: 'data',
    'bom-ref': dataRef(name),
    name,
    version,
    // Of several files there is no one hash in CycloneDX's sense; each is a component of its own below.
    ...(only && !other ? { hashes: [sha256(only.digest)] } : {}),
    data: [
      {
        type: 'dataset',
        name,
        description: `${rows} rows; columns: ${schema.map((column) => `${column.name} ${column.type}`).join(', ')}`,
      },
    ],
    ...(other
      ? {
          components: files.map(({ path, digest }) => ({
            ...{ type: 'file', 'bom-ref': `${dataRef(name)}/${path}`, name: path },
            hashes: [sha256(digest)],
          })),
        }
      : {}),
  }
}

function runtimeComponent(runtime: RuntimeFacts): Json {
  const { kind, interpreter, platform, lockPath, lock, digest } = runtime
  return {
    type: 'platform',
    'bom-ref': runtimeRef(runtime),
    name: kind,
    version: interpreter,
    properties: [
      { name: 'lockstep:platform', value: platform },
      { name: 'lockstep:lock', value: `${lockPath} ${lock}` },
      { name: 'lockstep:environment', value: digest },
    ],
  }
}

function packageComponent({ name, version, purl, hashes, excluded }: LockedPackage): Json {
  return {
    ...{ type: 'library', 'bom-ref': purl, name, version, purl },
    scope: excluded ? 'excluded' : 'required',
    ...(hashes.length === 0 ? {} : { hashes }),
  }
}

function dependenciesOf({ datasets, runtimes }: ReleaseFacts): Json[] {
  const direct = [...datasets.map(({ name }) => dataRef(name)), ...runtimes.map(runtimeRef)]
  return [
    { ref: modelRef, dependsOn: [...new Set(direct)] },
    ...runtimes.map((runtime) => ({
      ref: runtimeRef(runtime),
      dependsOn: [...new Set(packagesOf(runtime).map(({ purl }) => purl))],
    })),
  ]
}

function packagesOf({ kind, lockText }: RuntimeFacts): LockedPackage[] {
  if (lockText === null) return []
  return kind === 'python' ? packagesOfRequirements(lockText) : packagesOfPackageLock(lockText)
}

function runtimeRef({ kind, digest }: RuntimeFacts): string {
  return `runtime:${kind}:${digest}`
}

function dataRef(name: string): string {
  return `data:${name}`
}

function sha256(digest: string): Json {
  return { alg: 'SHA-256', content: digest.replace('sha256:', '') }
}
