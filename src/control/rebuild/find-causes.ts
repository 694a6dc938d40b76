// Why rebuilt steps differ from the record: only the steps where it begins are looked into, by comparing bytes and by trying again.
import type { ContentStore } from '../../build/artifacts/content-store.ts'
import { sameOutputs } from '../../build/pipeline/action-cache.ts'
import { explainKeys } from '../../build/pipeline/explain-keys.ts'
import { mayRead } from '../../build/pipeline/graph.ts'
import type { StepOutput, StepResult } from '../../build/pipeline/step-run.ts'
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import type { ManifestStep, ReleaseManifest } from '../../release/manifest.ts'
import { explainTrial, type StepTrial, tracesIn } from '../../release/rebuild/explain-trial.ts'
import { type FileDifference, firstDifference } from '../../release/rebuild/first-difference.ts'
import type { RebuildReason } from '../../release/rebuild/rebuild-report.ts'
import type { RunWorld } from '../runs/run-world.ts'
import { environmentChanges } from './environment-changes.ts'
import type { RebuildPlace } from './rebuild-place.ts'
import type { Round, Variation } from './rebuild-steps.ts'

export interface CauseRequest {
  readonly manifest: ReleaseManifest
  readonly place: RebuildPlace
  readonly rounds: readonly Round[]
  readonly say: (sentence: string) => void
}

/** Longer steps are run again once, not six times. */
const longestTrialMs = 120_000

export async function findCauses(world: RunWorld, request: CauseRequest): Promise<RebuildReason[]> {
  const { manifest, place, rounds } = request
  const reasons: RebuildReason[] = []
  const differing: StepSpec[] = []
  for (const spec of place.steps) {
    const recorded = manifest.pipeline.steps.find((one) => one.name === spec.name)
    const round = rounds.find((one) => differs(resultOf(one, spec.name), recorded))
    const result = round && resultOf(round, spec.name)
    if (!recorded || !round || !result) continue
    const follows = differing.some((earlier) =>
      earlier.outputs.some((output) => spec.inputs.some((input) => mayRead(input, output))),
    )
    differing.push(spec)
    if (!follows) reasons.push(await causeOf(world, request, { spec, recorded, round, result }))
  }
  return reasons
}

interface Differing {
  readonly spec: StepSpec
  readonly recorded: ManifestStep
  readonly round: Round
  readonly result: StepResult
}

async function causeOf(
  world: RunWorld,
  { manifest, say, rounds }: CauseRequest,
  { spec, recorded, round, result }: Differing,
): Promise<RebuildReason> {
  if (result.verdict !== 'ran') return failure(spec, result)
  const step = spec.name
  const found = await differenceOf(world.content, round.content, recorded, result)
  const between: [Instant, Instant] = [Date.parse(manifest.createdAt), world.clock.now()]
  const keyChanges =
    result.key === recorded.key ? [] : await changesOfKey(world, recorded, result, round)
  const trial: Omit<StepTrial, 'again' | 'steadyWith'> = {
    step,
    path: found.path,
    difference: found.difference,
    traces: found.rebuilt === null ? [] : tracesIn(found.rebuilt, found.difference, between),
    declaresSeed: spec.seed !== null,
    readsSecrets: spec.secrets.length > 0,
    environmentChanges: environmentChanges(manifest.environment, world),
    keyChanges,
  }
  if (keyChanges.length > 0) return explainTrial({ ...trial, again: 'same', steadyWith: null })
  say(`${step} gave another ${found.path} than the record; running it again to see why`)
  const other = rounds.find((one) => one !== round)
  const second = other ? resultOf(other, step)?.outputs : await round.again(step, null)
  const again = second && sameOutputs(second, result.outputs) ? 'same' : 'other'
  const took = (result.finishedAt ?? 0) - (result.startedAt ?? 0)
  const isSettled = again === 'same' || trial.traces.length > 0 || took > longestTrialMs
  const steadyWith = isSettled ? null : await holdStill(round, step, say)
  return explainTrial({ ...trial, again, steadyWith })
}

async function holdStill(
  round: Round,
  step: string,
  say: (sentence: string) => void,
): Promise<Variation | null> {
  const words: Readonly<Record<Variation, string>> = {
    hash_seed: 'with a fixed hash order',
    one_thread: 'with one thread',
    one_folder: 'in one folder',
  }
  for (const variation of ['hash_seed', 'one_thread', 'one_folder'] as const) {
    say(`running ${step} twice ${words[variation]}`)
    const first = await round.again(step, variation)
    const second = first && (await round.again(step, variation))
    if (first && second && sameOutputs(first, second)) return variation
  }
  return null
}

export function resultOf(round: Round, step: string): StepResult | undefined {
  return round.result.steps.find((one) => one.name === step)
}

function differs(result: StepResult | undefined, recorded: ManifestStep | undefined): boolean {
  if (!result || !recorded) return true
  const made = new Map(result.outputs.map((output) => [output.path, output.digest]))
  return recorded.outputs.some((output) => made.get(output.path) !== output.digest)
}

function failure(spec: StepSpec, result: StepResult): RebuildReason {
  const { because } = result
  const isMissing = /ENOENT|no such file|not found|cannot open|FileNotFound|No module named/i.test(
    because,
  )
  const code =
    spec.secrets.length > 0 && /secret/i.test(because)
      ? 'secret-dependent'
      : isMissing
        ? 'undeclared-read'
        : 'unknown'
  const lead = code === 'undeclared-read' ? 'it needs something that it does not declare: ' : ''
  const sentence = `step ${spec.name} did not run to its end: ${lead}${because}`
  return { code, step: spec.name, path: null, sentence }
}

async function changesOfKey(
  world: RunWorld,
  recorded: ManifestStep,
  result: StepResult,
  round: Round,
): Promise<string[]> {
  const before = await world.actions.find(recorded.key as Digest)
  const after = await round.documentOf(result.name)
  if (!before || !after) return ['its step key differs from the recorded one']
  return explainKeys(before.document, after)
}

interface FoundDifference {
  readonly path: string
  readonly difference: FileDifference | null
  readonly rebuilt: Buffer | null
}

async function differenceOf(
  recordedStore: ContentStore,
  rebuiltStore: ContentStore,
  recorded: ManifestStep,
  result: StepResult,
): Promise<FoundDifference> {
  const pairs = recorded.outputs.map((before) => ({
    before,
    after: result.outputs.find((one) => one.path === before.path),
  }))
  const pair = pairs.find(({ before, after }) => after?.digest !== before.digest)
  if (!pair?.after)
    return { path: pair?.before.path ?? result.name, difference: null, rebuilt: null }
  const file = await firstDifferingFile(recordedStore, rebuiltStore, pair.before, pair.after)
  if (file.before === null || file.after === null) {
    return { path: file.path, difference: null, rebuilt: null }
  }
  const rebuilt = await rebuiltStore.read(file.after)
  const old = await recordedStore.read(file.before).catch(() => null)
  return { path: file.path, difference: old && firstDifference(old, rebuilt), rebuilt }
}

/** Of two folders, the first file that is not the same in both. */
async function firstDifferingFile(
  recordedStore: ContentStore,
  rebuiltStore: ContentStore,
  before: ManifestStep['outputs'][number],
  after: StepOutput,
): Promise<{ path: string; before: Digest | null; after: Digest | null }> {
  if (before.kind !== 'tree' || after.kind !== 'tree') {
    return { path: before.path, before: before.digest, after: after.digest }
  }
  const old = await recordedStore.readTree(before.digest).catch(() => [])
  const now = await rebuiltStore.readTree(after.digest)
  const known = new Map(old.map((entry) => [entry.path, entry.digest]))
  const other = now.find((entry) => known.get(entry.path) !== entry.digest)
  const lost = old.find((entry) => !now.some(({ path }) => path === entry.path))
  const path = other?.path ?? lost?.path
  return {
    path: path === undefined ? before.path : `${before.path}/${path}`,
    before: path === undefined ? null : (known.get(path) ?? null),
    after: other?.digest ?? null,
  }
}
