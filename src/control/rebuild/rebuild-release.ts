// `lockstep rebuild`: makes a release again from its record in a clean place, says how far it can be reproduced and why not
// further, and keeps the signed answer beside the release. The release itself never changes.

import { canonicalJson } from '../../foundation/canonical-json.ts'
import { toIso } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { envelopeType } from '../../release/attest/statement.ts'
import { signedEnvelope } from '../../release/dsse.ts'
import type { ReleaseManifest } from '../../release/manifest.ts'
import { decideLevel, type RebuildFindings } from '../../release/rebuild/decide-level.ts'
import {
  type ReasonCode,
  type RebuildReason,
  type RebuildReport,
  type RebuiltOutput,
  reasonCodes,
  rebuildStatement,
} from '../../release/rebuild/rebuild-report.ts'
import type { Release } from '../../release/release.ts'
import type { RunWorld } from '../runs/run-world.ts'
import { compareModels } from './compare-models.ts'
import { builtOn } from './environment-changes.ts'
import { findCauses, resultOf } from './find-causes.ts'
import { openRebuildPlace, type RebuildPlace } from './rebuild-place.ts'
import { type Round, rebuildOnce } from './rebuild-steps.ts'

export interface RebuildRequest {
  readonly release: Release
  readonly manifest: ReleaseManifest
  readonly times: number
  /** How far a gate metric may move and still be called the same. */
  readonly tolerance: number
  /** Leave the clean place for a person to look into. */
  readonly keep: boolean
}

export interface RebuildListener {
  told(progress: { readonly sentence: string; readonly done: number; readonly total: number }): void
  readonly signal: AbortSignal
}

export interface Rebuilt {
  readonly report: RebuildReport
  /** The signed statement in the content store. */
  readonly attestation: Digest
  /** Null when it was removed. */
  readonly place: string | null
}

export async function rebuildRelease(
  world: RunWorld,
  request: RebuildRequest,
  listener: RebuildListener,
): Promise<Rebuilt> {
  const startedAt = world.clock.now()
  const place = await openRebuildPlace(world, request.manifest)
  if (isRefusal(place)) {
    const reason = {
      code: 'input-missing',
      step: null,
      path: null,
      sentence: place.because,
    } as const
    const findings = { ...findingsOf(world, request, []), reasons: [reason] }
    return keepReport(world, { request, findings, startedAt, place: null })
  }
  try {
    const rounds = await runRounds(world, { request, place, listener })
    const findings = await judge(world, { request, place, rounds, listener })
    const kept = request.keep ? place.root : null
    return await keepReport(world, { request, findings, startedAt, place: kept })
  } finally {
    if (!request.keep) await place.remove()
  }
}

interface Work {
  readonly request: RebuildRequest
  readonly place: RebuildPlace
  readonly listener: RebuildListener
}

async function runRounds(world: RunWorld, { request, place, listener }: Work): Promise<Round[]> {
  const rounds: Round[] = []
  const total = place.steps.length * request.times
  let done = 0
  const tell = (sentence: string) => listener.told({ sentence, done, total })
  for (let number = 1; number <= request.times; number++) {
    const turn = request.times === 1 ? '' : ` (${number} of ${request.times})`
    rounds.push(
      await rebuildOnce(world, {
        place,
        number,
        signal: listener.signal,
        onEvent: (event) => {
          if (event.type === 'step_started') tell(`rebuilding ${event.step}${turn}`)
          if (event.type !== 'step_finished') return
          done += 1
          tell(`${event.step} is rebuilt${turn}`)
        },
      }),
    )
    listener.signal.throwIfAborted()
  }
  return rounds
}

async function judge(
  world: RunWorld,
  work: Work & { readonly rounds: readonly Round[] },
): Promise<RebuildFindings> {
  const { request, place, rounds, listener } = work
  const { manifest, tolerance } = request
  const say = (sentence: string) => {
    listener.signal.throwIfAborted()
    listener.told({ sentence, done: place.steps.length, total: place.steps.length })
  }
  const findings = findingsOf(world, request, rounds)
  if (findings.outputs.every((output) => output.rebuilt === output.recorded)) return findings
  const causes = await findCauses(world, { manifest, place, rounds, say })
  const reasons = [...causes, ...recordedReasons(manifest)]
  const model = differingModel(findings, rounds)
  if (model === null) return { ...findings, reasons }
  say('scoring the recorded and the rebuilt model on the recorded holdout')
  const { signal } = listener
  const metrics = await compareModels(world, { manifest, place, rebuilt: model, tolerance, signal })
  return { ...findings, reasons, metrics }
}

/** One row per recorded output; of several rebuilds the first that differs is shown. */
function findingsOf(
  world: RunWorld,
  { manifest, times, tolerance }: RebuildRequest,
  rounds: readonly Round[],
): RebuildFindings {
  const outputs = manifest.pipeline.steps.flatMap((step) =>
    step.outputs.map(({ path, digest }): RebuiltOutput => {
      const made = rounds.map(
        (round) =>
          resultOf(round, step.name)?.outputs.find((one) => one.path === path)?.digest ?? null,
      )
      const other = made.find((one) => one !== digest)
      const rebuilt = other === undefined && made.length > 0 ? digest : (other ?? null)
      return { step: step.name, path, recorded: digest, rebuilt }
    }),
  )
  return {
    outputs,
    times,
    tolerance,
    modelPath: manifest.artifact.path,
    reasons: [],
    metrics: null,
    recordedOn: manifest.environment,
    rebuiltOn: builtOn(world),
  }
}

function differingModel(
  { outputs, modelPath }: RebuildFindings,
  rounds: readonly Round[],
): { readonly modelPath: string; readonly digest: Digest } | null {
  const model = outputs.find((output) => output.path === modelPath)
  if (!model || model.rebuilt === null || model.rebuilt === model.recorded) return null
  const { rebuilt } = model
  const round = rounds.find((one) =>
    one.result.steps.some((step) => step.outputs.some((output) => output.digest === rebuilt)),
  )
  return round ? { modelPath: round.content.pathOf(rebuilt), digest: rebuilt } : null
}

/** What was known to be loose when it was sealed explains a difference too. */
function recordedReasons({ reproducibility }: ReleaseManifest): RebuildReason[] {
  return reproducibility.reasons.flatMap(({ code, step, sentence }) =>
    isReasonCode(code)
      ? [{ code, step, path: null, sentence: `recorded when it was sealed: ${sentence}` }]
      : [],
  )
}

function isReasonCode(code: string): code is ReasonCode {
  return reasonCodes.some((known) => known === code)
}

async function keepReport(
  world: RunWorld,
  facts: {
    readonly request: RebuildRequest
    readonly findings: RebuildFindings
    readonly startedAt: number
    readonly place: string | null
  },
): Promise<Rebuilt> {
  const { request, findings, startedAt, place } = facts
  const { outputs, times, reasons, metrics, tolerance, recordedOn, rebuiltOn } = findings
  const now = world.clock.now()
  const { lockstep, node, platform, machine } = recordedOn
  const report: RebuildReport = {
    version: 1,
    release: request.release.manifestDigest,
    ...decideLevel(findings),
    ...{ times, outputs, reasons, rebuiltOn },
    equivalence: metrics === null ? null : { tolerance, metrics },
    recordedOn: { lockstep, node, platform, machine },
    finishedAt: toIso(now),
    tookMs: now - startedAt,
  }
  const envelope = Buffer.from(
    canonicalJson(signedEnvelope(rebuildStatement(request.manifest, report), world.signer)),
    'utf8',
  )
  const digest = await world.content.putBytes(envelope)
  await world.attestations.add({
    release: request.release.manifestDigest,
    kind: 'rebuild',
    mediaType: envelopeType,
    digest,
    size: envelope.length,
    addedAt: now,
  })
  return { report, attestation: digest, place }
}
