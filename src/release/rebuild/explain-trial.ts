// Why a step gave other bytes than the record: from cheap experiments to one reason. Pure.
import type { FileDifference } from './first-difference.ts'
import type { ReasonCode, RebuildReason } from './rebuild-report.ts'

export interface StepTrial {
  readonly step: string
  /** The first output that differs; with the file inside when it is a folder. */
  readonly path: string
  /** Null when the recorded bytes are no longer stored. */
  readonly difference: FileDifference | null
  /** What stands around the first difference, or null for content that cannot be shown. */
  readonly traces: readonly OutputTrace[]
  /** Did a second rebuild give what the first one gave? */
  readonly again: 'same' | 'other'
  /** The first experiment under which two rebuilds were equal. */
  readonly steadyWith: 'hash_seed' | 'one_thread' | 'one_folder' | null
  readonly declaresSeed: boolean
  readonly readsSecrets: boolean
  /** What differs between the machine of the record and this one, in words. */
  readonly environmentChanges: readonly string[]
  /** Why its key is not the recorded one although its inputs are; empty when it is. */
  readonly keyChanges: readonly string[]
}

export type OutputTrace = 'path' | 'clock'

export function explainTrial(trial: StepTrial): RebuildReason {
  const [code, why] = codeOf(trial)
  const where = trial.difference === null ? '' : ` (${trial.difference.sentence})`
  return {
    code,
    step: trial.step,
    path: trial.path,
    sentence: `step ${trial.step}, ${trial.path}: ${why}${where}`,
  }
}

function codeOf(trial: StepTrial): readonly [ReasonCode, string] {
  const { difference, traces, again, steadyWith, keyChanges, environmentChanges } = trial
  if (keyChanges.length > 0)
    return ['env-drift', `it no longer runs as recorded: ${keyChanges.join('; ')}`]
  if (difference?.kind === 'archive_metadata') {
    return [
      'archive-metadata',
      'only the wrapping of the archive differs; write entries with fixed times and order',
    ]
  }
  if (traces.includes('path') || steadyWith === 'one_folder') {
    return ['clock-or-path-in-output', 'it writes the folder it ran in into its output']
  }
  if (traces.includes('clock')) {
    return ['clock-or-path-in-output', 'it writes the time at which it ran into its output']
  }
  if (again === 'same') return steady(trial, environmentChanges)
  if (steadyWith === 'hash_seed') {
    return [
      'serializer-unstable',
      'equal once PYTHONHASHSEED is fixed: something is written in the order of a hash table',
    ]
  }
  if (difference?.kind === 'order') {
    return ['serializer-unstable', 'the same content is written in another order each time']
  }
  if (steadyWith === 'one_thread') {
    return [
      'thread-order',
      'equal with one thread: sums depend on the order in which threads finish',
    ]
  }
  return unsteady(trial)
}

/** Each rebuild gives the same bytes, only not the recorded ones. */
function steady(trial: StepTrial, changes: readonly string[]): readonly [ReasonCode, string] {
  if (changes.length > 0) {
    return [
      'env-drift',
      `each rebuild gives the same bytes, but not the recorded ones; since then ${changes.join(', ')}`,
    ]
  }
  if (trial.readsSecrets) {
    return [
      'secret-dependent',
      'each rebuild gives the same bytes, but not the recorded ones; it reads a secret, whose value is not recorded',
    ]
  }
  return ['unknown', 'each rebuild gives the same bytes, but not the recorded ones']
}

/** Each rebuild gives other bytes, and no experiment made them equal. */
function unsteady(trial: StepTrial): readonly [ReasonCode, string] {
  if (!trial.declaresSeed) {
    return ['rng-unseeded', 'each rebuild gives other bytes, and the step declares no seed']
  }
  return [
    'unknown',
    'each rebuild gives other bytes although a seed is declared; does the command use LOCKSTEP_SEED?',
  ]
}

/** Folders of attempts have names that nothing else has. */
const attemptFolder = /attempt_[0-9a-hjkmnp-tv-z]{26}/
const writtenTime =
  /\b20\d\d-[01]\d-[0-3]\d[T ][0-2]\d:[0-5]\d|\b[A-Z][a-z]{2} [A-Z][a-z]{2} [ 0-3]\d [0-2]\d:[0-5]\d:[0-5]\d/
const aroundBytes = 80

/** What the bytes around the first difference tell. `between` is when it was recorded and when it was rebuilt. */
export function tracesIn(
  rebuilt: Buffer,
  difference: FileDifference | null,
  between: readonly [from: number, to: number],
): readonly OutputTrace[] {
  const traces: OutputTrace[] = []
  const whole = rebuilt.length < 64 * 2 ** 20 ? rebuilt.toString('latin1') : ''
  if (attemptFolder.test(whole)) traces.push('path')
  if (difference !== null) {
    const { offset } = difference
    const near = rebuilt.toString('latin1', Math.max(0, offset - aroundBytes), offset + aroundBytes)
    if (writtenTime.test(near) || hasEpoch(near, between)) traces.push('clock')
  }
  return traces
}

/** A number of seconds or milliseconds since 1970 that lies between the record and now, give or take a day. */
function hasEpoch(text: string, [from, to]: readonly [number, number]): boolean {
  const day = 86_400_000
  return [...text.matchAll(/(?<![\d.])\d{10}(?:\d{3})?(?!\d)/g)].some(([digits]) => {
    const at = digits.length === 13 ? Number(digits) : Number(digits) * 1000
    return at >= from - day && at <= to + day
  })
}
