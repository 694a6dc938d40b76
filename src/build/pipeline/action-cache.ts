// The memory of what each step key gave: append-only, first result counts.
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { StepKeyDocument } from './step-key.ts'
import type { StepOutput } from './step-run.ts'

export interface ActionRecord {
  readonly key: Digest
  readonly step: string
  readonly document: StepKeyDocument
  readonly outputs: readonly StepOutput[]
  readonly recordedAt: Instant
  readonly logDigest?: Digest
}

export interface ActionCachePort {
  /** The first record under the key. */
  find(key: Digest): Promise<ActionRecord | undefined>
  /** Keeps the record. A later one with other outputs under the same key is kept beside the first, as a divergence. */
  record(record: ActionRecord): Promise<void>
  /** Waits until every record is in the database: at the end of a run. */
  flush(): Promise<void>
  /** The newest record of a step by name, whatever its key: what `why` compares with. */
  latestFor(step: string): Promise<ActionRecord | undefined>
  /** The newest record of each step in one question; only what `find` would give under the same key. May leave some out. */
  findMany?(steps: readonly string[]): Promise<readonly ActionRecord[]>
}

/** Equal content at equal paths, in any order. */
export function sameOutputs(a: readonly StepOutput[], b: readonly StepOutput[]): boolean {
  return differingOutputs(a, b).length === 0 && a.length === b.length
}

export function differingOutputs(
  a: readonly StepOutput[],
  b: readonly StepOutput[],
): readonly string[] {
  const known = new Map(b.map((output) => [output.path, identityOf(output)]))
  return a.filter((output) => known.get(output.path) !== identityOf(output)).map(({ path }) => path)
}

function identityOf(output: StepOutput): string {
  return `${output.digest} ${output.kind === 'file' ? output.mode : 'tree'}`
}

/** Forgets everything with the process: for tests and one-off runs. */
export function memoryActionCache(): ActionCachePort & {
  readonly records: readonly ActionRecord[]
} {
  const records: ActionRecord[] = []
  return {
    records,
    find: async (key) => records.find((record) => record.key === key),
    record: async (record) => {
      const known = records.some(
        (old) => old.key === record.key && sameOutputs(old.outputs, record.outputs),
      )
      if (!known) records.push(record)
    },
    flush: async () => {},
    latestFor: async (step) => records.findLast((record) => record.step === step),
  }
}
