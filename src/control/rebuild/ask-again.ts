// The gates of a release asked again on what they were asked on: its recorded data, holdout, model and champion, all out of the store.
// What was measured on a machine at a moment (latency, memory, tests of the project) is not asked again: it would be another answer.
import { basename, dirname, join } from 'node:path'
import type { StepOutput } from '../../build/pipeline/step-run.ts'
import { openTableSource } from '../../build/tables/table-source.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { GateSpec, RawCheck } from '../../project/gate-spec.ts'
import type { ReleaseManifest } from '../../release/manifest.ts'
import type { CheckResult } from '../../verify/gates/check-result.ts'
import { hasProblems } from '../../verify/gates/check-spec.ts'
import type { EvidenceDocument, JudgedSubjects } from '../../verify/gates/evidence-document.ts'
import type { GateResult } from '../../verify/gates/gate-report.ts'
import { judgeData } from '../../verify/gates/judge-data.ts'
import { parseCheck } from '../../verify/gates/language/parse-check.ts'
import { tableFacts } from '../runs/datasets/validate-dataset.ts'
import { evaluateCandidate } from '../runs/evaluation/evaluate-candidate.ts'
import type { ReleaseFile } from '../runs/evaluation/evaluation-request.ts'
import { scanAskedFor } from '../runs/gating/scan-artifact.ts'
import { operationOf } from '../runs/readiness/readiness-request.ts'
import type { RunWorld } from '../runs/run-world.ts'
import { openRebuildPlace, type RebuildPlace } from './rebuild-place.ts'

export interface AskedAgain {
  readonly gate: string
  readonly id: string
  readonly written: string
  readonly recorded: CheckResult['verdict']
  /** Null when it was not asked again. */
  readonly verdict: CheckResult['verdict'] | null
  readonly agrees: boolean
  readonly because: string
}

export interface AgainRequest {
  readonly manifest: ReleaseManifest
  readonly document: EvidenceDocument
  readonly signal: AbortSignal
  told(sentence: string): void
}

const measuredOnce: readonly string[] = ['readiness', 'tests']

/** Kinds whose answer follows from stored bytes alone. */
const repeatable = ['metric', 'gap', 'drop', 'security']

export async function judgeAgain(
  world: RunWorld,
  request: AgainRequest,
): Promise<readonly AskedAgain[]> {
  const { judged } = request.document
  if (judged === null) throw notRecorded('it has no record of what was judged')
  const place = await openRebuildPlace(world, request.manifest)
  if (isRefusal(place)) throw notRecorded(place.because)
  try {
    request.told('asking the data gates again')
    const onData = await dataAgain(place, request)
    request.told('scoring the recorded model on the recorded holdout')
    const model = await modelAgain(world, { ...request, place, judged })
    const found = new Map(
      [...onData, ...model].flatMap((gate) =>
        gate.checks.map((check) => [nameOf(gate, check), check] as const),
      ),
    )
    return request.document.gates.flatMap((gate) =>
      gate.checks.map((check) => compare(gate.name, check, found.get(nameOf(gate, check)))),
    )
  } finally {
    await place.remove()
  }
}

/** Not by its id: ids of one gate are numbered in order, and not every check is asked again. */
function nameOf({ name }: GateResult, { written, text }: CheckResult): string {
  return `${name}/${written ?? text}`
}

async function dataAgain(
  { spec, projectDir }: RebuildPlace,
  { document, manifest }: AgainRequest,
): Promise<readonly GateResult[]> {
  const gates: GateResult[] = []
  const sources = spec.datasets.filter((dataset) => dataset.madeBy === null)
  for (const dataset of sources) {
    const name = sources.length === 1 ? 'data' : `data.${dataset.name}`
    const recorded = document.gates.find((gate) => gate.name === name)
    if (recorded === undefined) continue
    const path = join(projectDir, dataset.path)
    // What cannot be opened is told by every check of it, as it was at the time.
    const source = await openTableSource([path]).catch(() => undefined)
    try {
      const { gates: again } = await judgeData({
        checks: dataset.checks.filter(standsAlone),
        table: source ?? path,
        gate: name,
        defaults: spec.gateDefaults,
        now: manifest.createdAt,
        facts: tableFacts(dataset, { past: [] }),
      })
      gates.push(...again)
    } finally {
      await source?.close()
    }
  }
  return gates
}

/** Neither the clock nor other releases nor a reference have a part in the answer. */
function standsAlone({ text }: RawCheck): boolean {
  return !/freshness|trailing_mean|champion|previous|\bdrift\b|^\s*sql\b/.test(text)
}

interface ModelAgain extends AgainRequest {
  readonly place: RebuildPlace
  readonly judged: JudgedSubjects
}

async function modelAgain(
  world: RunWorld,
  { place, manifest, judged, signal }: ModelAgain,
): Promise<readonly GateResult[]> {
  const { content, clock } = world
  const gates = place.spec.gates.map(onlyRepeatable)
  const spec = { ...place.spec, gates }
  const { path, digest, size, folder } = manifest.artifact
  const artifact: StepOutput = folder
    ? { kind: 'tree', path: folder.path, digest: folder.digest, size, files: 0 }
    : { kind: 'file', path, digest, size, mode: '0644' }
  const bring = (name: string | null) =>
    name === null ? null : bringTable(world, place, manifest, name)
  const holdoutPath = await bringTable(world, place, manifest, spec.evaluate.data)
  const security = await scanAskedFor({ gates, artifact, content, clock, signal })
  const evaluation = await evaluateCandidate({
    spec,
    candidate: { modelPath: content.pathOf(digest), digest, sizeBytes: size },
    champion: judged.champion && releaseFile(world, judged.champion),
    anchor: judged.anchor && releaseFile(world, judged.anchor),
    attempt: judged.attempt,
    holdoutPath,
    apart: security,
    trainPath: await bring(spec.evaluate.train),
    predictionsPath: await bring(spec.evaluate.predictions?.file ?? null),
    workDir: place.root,
    tables: await world.tables(),
    openReplica: world.openReplica,
    operation: operationOf(world, {
      ...{ dir: place.projectDir, file: join(place.projectDir, 'lockstep.yaml'), spec },
      digest: manifest.gates.definition,
    }),
    ...{ clock, signal },
  })
  return evaluation.report.gates
}

function onlyRepeatable(gate: GateSpec): GateSpec {
  const checks = gate.checks.filter(({ text, options }) => {
    const parsed = parseCheck(text, options)
    return !hasProblems(parsed) && repeatable.includes(parsed.kind)
  })
  return { ...gate, checks }
}

function releaseFile(
  { content }: RunWorld,
  { release, digest }: { readonly release: string; readonly digest: Digest },
): ReleaseFile {
  return { modelPath: content.pathOf(digest), digest, sizeBytes: 0, release }
}

/** A recorded table: of the project's files, or what a step made of them. */
async function bringTable(
  world: RunWorld,
  { spec, projectDir, root }: RebuildPlace,
  { pipeline }: ReleaseManifest,
  name: string,
): Promise<string> {
  const dataset = spec.datasets.find((one) => one.name === name)
  const outputs = pipeline.steps.flatMap((step) => step.outputs)
  const output = outputs.find((one) => one.path === (dataset?.path ?? name))
  if (output?.kind !== 'file') return join(projectDir, dataset?.path ?? name)
  const path = join(root, 'tables', dirname(output.path), basename(output.path))
  await makeFolder(dirname(path))
  await world.content.materialise({ kind: 'file', digest: output.digest }, path)
  return path
}

/** Bounds of a bootstrap are seeded and sums are rounded, so the same bytes give the same numbers. */
const tolerance = 1e-9

function compare(gate: string, recorded: CheckResult, again: CheckResult | undefined): AskedAgain {
  const verdict = recorded.waiver?.of ?? recorded.verdict
  const subject = { gate, id: recorded.id, written: recorded.written, recorded: recorded.verdict }
  if (again === undefined) {
    const because = measuredOnce.includes(recorded.spec?.kind ?? '')
      ? 'measured at the time, on that machine: not asked again'
      : 'it rests on the clock, other releases, other data or what training wrote: not asked again'
    return { ...subject, verdict: null, agrees: true, because }
  }
  const isMoved = (['estimate', 'lower', 'upper', 'n'] as const).some((name) => {
    const [a, b] = [recorded[name] ?? 0, again[name] ?? 0]
    return Math.abs(a - b) > tolerance * Math.max(1, Math.abs(a))
  })
  const agrees = again.verdict === verdict && !isMoved
  const because = agrees ? again.because : `recorded: ${recorded.because}; again: ${again.because}`
  return { ...subject, verdict: again.verdict, agrees, because }
}

function notRecorded(because: string): LockstepError {
  return new LockstepError({
    code: 'gates.not_recorded',
    kind: 'precondition',
    message: `the gates of this release cannot be asked again: ${because}`,
    hint: 'lockstep gate verify without --from-data needs the record alone',
  })
}
