// What drift checks compare with: the profile of the dataset that the champion was made from, of another dataset, or of a file.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { openTableSource } from '../../../build/tables/table-source.ts'
import { sentenceOf } from '../../../foundation/errors.ts'
import { isRefusal } from '../../../foundation/refusal.ts'
import { didYouMean } from '../../../project/problems.ts'
import type { DatasetSpec, ProjectSpec } from '../../../project/project-spec.ts'
import { plainStep, type StepSpec } from '../../../project/step-spec.ts'
import { parseManifest } from '../../../release/manifest.ts'
import type { Release } from '../../../release/release.ts'
import type { DriftReference, FindReference } from '../../../verify/data/drift/drift-measure.ts'
import { type DatasetProfile, profileTable } from '../../../verify/data/profile/profile.ts'
import { readProfile } from '../../../verify/data/profile/profile-document.ts'
import { hasProblems } from '../../../verify/gates/check-spec.ts'
import { type DatasetEvidence, readEvidence } from '../../../verify/gates/evidence-document.ts'
import { parseCheck } from '../../../verify/gates/language/parse-check.ts'
import { normalisedPath } from '../../../verify/readiness/report-path.ts'
import type { RunWorld } from '../run-world.ts'
import { servingRelease } from './dataset-history.ts'

type ReferenceWorld = Pick<RunWorld, 'store' | 'content'>

export interface ReferencesRequest {
  readonly spec: ProjectSpec
  readonly projectDir: string
  /** Absolute paths of a dataset that can be read now. */
  readonly filesOf: (dataset: string) => readonly string[] | undefined
}

export interface References {
  /** For the checks of one dataset. */
  of(dataset: string): FindReference
  /** What the champion's evidence says about a dataset. */
  champion(dataset: string): Promise<DatasetEvidence | undefined>
}

/** Everything is read once per run, however many checks ask for it. */
export function findReferences(world: ReferenceWorld, request: ReferencesRequest): References {
  const { spec, projectDir, filesOf } = request
  const once = new Map<string, Promise<DriftReference>>()
  let serving: ReturnType<typeof championEvidence> | undefined
  const championOf = () => {
    serving ??= championEvidence(world, spec)
    return serving
  }
  const find = (dataset: string, vs: string): Promise<DriftReference> => {
    if (vs === 'champion') {
      // Skipped run after run it would look like a check, and never be one.
      if (spec.datasets.some(({ name, redact }) => name === dataset && redact))
        return Promise.resolve(unkept(dataset))
      return championOf().then((found) => ofChampion(found, dataset))
    }
    const known = once.get(vs)
    if (known !== undefined) return known
    const isDataset = spec.datasets.some(({ name }) => name === vs)
    const found = isDataset ? ofDataset(vs, filesOf(vs)) : ofFile(vs, spec, projectDir)
    once.set(vs, found)
    return found
  }
  return {
    of: (dataset) => (vs) => find(dataset, vs),
    async champion(dataset) {
      const found = await championOf()
      return 'found' in found ? undefined : found.datasets.get(dataset)
    },
  }
}

function unkept(dataset: string): DriftReference {
  const because = `no profile of ${dataset} is kept, because it is declared redact: compare with another dataset or a profile file (vs: NAME)`
  return { found: 'unreadable', because }
}

interface ChampionEvidence {
  readonly release: string
  readonly datasets: ReadonlyMap<string, DatasetEvidence>
}

type NoReference = Exclude<DriftReference, { readonly found: 'profile' | 'table' }>

async function championEvidence(
  world: ReferenceWorld,
  spec: ProjectSpec,
): Promise<ChampionEvidence | NoReference> {
  const release: Release | undefined = await servingRelease(world, spec)
  if (release === undefined) return { found: 'nothing', because: 'no champion yet' }
  const name = `release ${release.number}`
  const manifest = await world.content.read(release.manifestDigest).then(
    (bytes) => parseManifest(bytes.toString('utf8')),
    () => undefined,
  )
  if (manifest === undefined || isRefusal(manifest)) return lost('manifest', release)
  const evidence = await world.content.read(manifest.gates.evidence).then(
    (bytes) => readEvidence(JSON.parse(bytes.toString('utf8'))),
    () => undefined,
  )
  if (evidence === undefined) return lost('evidence', release)
  return {
    release: name,
    datasets: new Map(evidence.datasets.map((dataset) => [dataset.name, dataset])),
  }
}

/** What was there and cannot be read any more must not look like a model's first release. */
function lost(part: string, { number }: Release): NoReference {
  const because = `release ${number} serves, and its ${part} cannot be read: lockstep verify ${number} says what was lost`
  return { found: 'unreadable', because }
}

function ofChampion(found: ChampionEvidence | NoReference, dataset: string): DriftReference {
  if ('found' in found) return found
  const profile = found.datasets.get(dataset)?.profile
  return profile
    ? { found: 'profile', name: `${dataset} of ${found.release}`, profile }
    : {
        found: 'nothing',
        because: `${found.release} kept no profile of ${dataset}; the next release will`,
      }
}

async function ofDataset(
  name: string,
  paths: readonly string[] | undefined,
): Promise<DriftReference> {
  if (paths === undefined)
    return {
      found: 'unreadable',
      because: `${name} is made by a step and is not there before the steps have run`,
    }
  try {
    const profile = await profileFiles(paths)
    return { found: 'profile', name, profile }
  } catch (error) {
    return { found: 'unreadable', because: `${name} cannot be read: ${sentenceOf(error)}` }
  }
}

async function profileFiles(paths: readonly string[]): Promise<DatasetProfile> {
  const source = await openTableSource(paths)
  try {
    return await profileTable(source.tables, { sql: 'SELECT * FROM this' })
  } finally {
    await source.close()
  }
}

async function ofFile(
  path: string,
  spec: ProjectSpec,
  projectDir: string,
): Promise<DriftReference> {
  if (normalisedPath(path) === undefined)
    return { found: 'unreadable', because: `${path} is not a path inside the project` }
  const text = await readFile(join(projectDir, path), 'utf8').catch(() => undefined)
  if (text === undefined) {
    const names = ['champion', ...spec.datasets.map(({ name }) => name)]
    const near = didYouMean(path, names)
    const hint =
      near === undefined ? `known: ${names.join(', ')}, or a profile file` : `did you mean ${near}?`
    return { found: 'unreadable', because: `there is no ${path} to compare with (${hint})` }
  }
  const profile = readProfile(text)
  return profile === undefined
    ? {
        found: 'unreadable',
        because: `${path} is not a profile; lockstep data profile FILE --json writes one`,
      }
    : { found: 'profile', name: path, profile }
}

/** Profile files that drift checks name, pinned like the inputs of a step: another reference makes another run. */
export function referenceInputs(datasets: readonly DatasetSpec[]): readonly StepSpec[] {
  const names = datasets.map(({ name }) => name)
  const files = datasets
    .flatMap(({ checks }) => checks)
    .flatMap(({ text, options }) => {
      const parsed = parseCheck(text, options)
      const check = !hasProblems(parsed) && parsed.kind === 'data' ? parsed.check : undefined
      return check?.rule === 'drift' && check.vs !== 'champion' && !names.includes(check.vs)
        ? [check.vs]
        : []
    })
    // What cannot be a file of the project is told by the check itself.
    .filter((path) => normalisedPath(path) !== undefined)
  return [...new Set(files)].map((path) => {
    const name = `reference:${path}`
    return { ...plainStep, name, declaredAs: name, command: { argv: [] }, inputs: [path] }
  })
}
