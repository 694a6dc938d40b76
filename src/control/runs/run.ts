// A run: one execution of the pipeline and its gates, from a cause to a release, a refusal or an error.
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import { type Actor, type Change, defineKind, type StoredObject } from '../../store/object.ts'
import type { Verdict } from '../../verify/statistics/verdict.ts'

/** What became of one step, in the words a person reads. */
export interface StepRecord {
  readonly name: string
  readonly verdict:
    | 'waiting'
    | 'running'
    | 'hit'
    | 'ran'
    | 'failed'
    | 'timed_out'
    | 'cancelled'
    | 'blocked'
  readonly because: string
  readonly key: Digest | null
  /** What it printed, in the content store; null while it has not ended. */
  readonly logDigest: Digest | null
  readonly startedAt: Instant | null
  readonly finishedAt: Instant | null
  /** The declaration it was made from: `train` for `train@2`. */
  readonly declaredAs: string
  /** 1 for the first try; 0 while none began, and for a known result. */
  readonly attempt: number
  /** How long earlier runs of the same declaration took; null without any. */
  readonly expectedMs: number | null
  readonly outputs: readonly OutputRecord[]
  /** The numbers in its declared metrics files, by dotted name. */
  readonly metrics: Readonly<Record<string, number>>
  readonly reads: ReadsRecord
}

export interface OutputRecord {
  readonly path: string
  readonly digest: Digest
  readonly size: number
}

/** What a step read beside its declared inputs; of a known result, what the attempt that made it read. */
export interface ReadsRecord {
  readonly traced: boolean
  /** Absolute paths, sorted; empty when nothing was traced. */
  readonly undeclared: readonly string[]
}

export const untraced: ReadsRecord = { traced: false, undeclared: [] }

/** What was asked for beyond an ordinary run. It is stored, so that a run which was interrupted goes on as it was meant. */
export interface RunScope {
  /** These steps and all they read from; every step when empty. Step names or the names of declarations. */
  readonly to: readonly string[]
  /** These steps alone, on known results of the others; every step when empty. */
  readonly only: readonly string[]
  /** Steps that run although their result is known. */
  readonly forced: readonly string[]
  /** How many steps run at once; null: as many as the machine has processors. */
  readonly parallelism: number | null
  readonly traceReads: boolean
}

export const wholeScope: RunScope = {
  to: [],
  only: [],
  forced: [],
  parallelism: null,
  traceReads: false,
}

export interface CheckRecord {
  readonly id: string
  readonly text: string
  readonly verdict: Verdict
  readonly estimate: number | null
  readonly lower: number | null
  readonly upper: number | null
  readonly because: string
  /** Of lockstep.yaml; null when no file declares it, absent in records of earlier versions. */
  readonly line?: number | null
}

export interface GateRecord {
  readonly name: string
  readonly verdict: Verdict
  readonly checks: readonly CheckRecord[]
}

export interface RunCode {
  readonly commit: string | null
  readonly committedAt: Instant | null
  readonly dirty: boolean
  readonly authors: readonly string[]
}

interface RunFields extends StoredObject {
  readonly environment: null
  readonly number: number
  readonly startedBy: Actor
  /** `person`, or the trigger's name. */
  readonly trigger: string
  readonly cause: string
  readonly force: boolean
  /** Absent: `wholeScope`. */
  readonly scope?: RunScope
  readonly code: RunCode | null
  /** Digest of everything that went in: code, data, parameters and definitions. */
  readonly inputsDigest: Digest | null
  readonly steps: readonly StepRecord[]
  readonly gates: readonly GateRecord[]
  readonly because: string
}

export interface ActiveRun extends RunFields {
  readonly phase: 'queued' | 'resolving' | 'running' | 'interrupted' | 'gating'
}

export interface EndedRun extends RunFields {
  readonly phase:
    | 'succeeded'
    | 'failed'
    | 'errored'
    | 'cancelled'
    | 'timed_out'
    | 'superseded'
    | 'unchanged'
  readonly finishedAt: Instant
  readonly releaseId: string | null
  /** The earlier run with the same inputs. */
  readonly sameAs: string | null
  /** The document with every check's numbers. */
  readonly evidenceDigest: Digest | null
  /** What the model's gates were asked on; absent when they were not. */
  readonly holdoutDigest?: Digest
}

export type Run = ActiveRun | EndedRun

const ends = ['errored', 'cancelled', 'timed_out'] as const

export const runKind = defineKind<Run>({
  name: 'run',
  initial: ['queued'],
  transitions: {
    queued: ['resolving', 'superseded', ...ends],
    resolving: ['running', 'interrupted', 'unchanged', ...ends],
    // A run of a part of the pipeline has no model to judge: it succeeds without gates and without a release.
    running: ['gating', 'succeeded', 'interrupted', 'failed', ...ends],
    interrupted: ['running', 'unchanged', ...ends],
    gating: ['succeeded', 'failed', 'interrupted', ...ends],
    succeeded: [],
    failed: [],
    errored: [],
    cancelled: [],
    timed_out: [],
    superseded: [],
    unchanged: [],
  },
})

export function isEnded(run: Run): run is EndedRun {
  return runKind.transitions[run.phase].length === 0
}

export interface RunRequest {
  readonly id: string
  readonly model: string
  readonly number: number
  readonly startedBy: Actor
  readonly trigger: string
  readonly cause: string
  readonly force: boolean
  readonly scope?: RunScope
  readonly now: Instant
  /** The firing that asked for it. */
  readonly parentId: string | null
}

export function createRun(request: RunRequest): Change<Run> {
  const { id, model, number, startedBy, trigger, cause, force, scope, now, parentId } = request
  return {
    kind: runKind,
    expect: null,
    object: {
      id,
      phase: 'queued',
      model,
      environment: null,
      parentId,
      number,
      wakeAt: now,
      startedBy,
      trigger,
      cause,
      force,
      ...(scope === undefined ? {} : { scope }),
      code: null,
      inputsDigest: null,
      steps: [],
      gates: [],
      because: cause,
    },
    event: { type: 'run.queued', actor: startedBy, because: cause },
  }
}
