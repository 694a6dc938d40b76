// What a run keeps of its gates for good: every verdict with the numbers it can be computed from again, what was judged, and the
// profiles of its data that later runs compare themselves with.
import { z } from 'zod'
import type { Digest } from '../../foundation/digest.ts'
import type { DatasetProfile } from '../data/profile/profile.ts'
import type { GateReport, GateResult } from './gate-report.ts'

export interface EvidenceDocument extends GateReport {
  readonly version: 2
  readonly datasets: readonly DatasetEvidence[]
  /** Null while only data was judged. */
  readonly judged: JudgedSubjects | null
  /** Curves and tables for a report to draw; nothing is judged on them. */
  readonly figures: unknown
}

export interface DatasetEvidence {
  readonly name: string
  readonly version: Digest
  readonly rows: number
  /** Null when it could not be read. */
  readonly profile: DatasetProfile | null
}

/** What the model's gates looked at, so that anyone can look again. */
export interface JudgedSubjects {
  readonly candidate: Digest
  readonly holdout: Digest
  readonly champion: { readonly release: string; readonly digest: Digest } | null
  readonly anchor: { readonly release: string; readonly digest: Digest } | null
  /** How many times gates of this model were asked on the same holdout, this time included. */
  readonly attempt: number
  /** Whether each attempt makes bounds stricter, or is only counted. */
  readonly attempts: 'count' | 'spend'
  /** Of each bound where a check does not say, before any of α was spent. */
  readonly confidence: number
  /** Version of Lockstep that computed it. */
  readonly engine: string
}

const gates = z.custom<readonly GateResult[]>(
  (value) =>
    Array.isArray(value) &&
    value.every((gate) => typeof gate?.name === 'string' && Array.isArray(gate.checks)),
)
const shape = z.looseObject({ version: z.literal(2).optional(), verdict: z.string(), gates })

/** Also reads what runs kept before this version: a bare report. Undefined for anything else. */
export function readEvidence(value: unknown): EvidenceDocument | undefined {
  const parsed = shape.safeParse(value)
  if (!parsed.success) return undefined
  const document = value as GateReport & Partial<EvidenceDocument>
  return {
    version: 2,
    verdict: document.verdict,
    gates: document.gates,
    datasets: document.datasets ?? [],
    judged: document.judged ?? null,
    figures: document.figures ?? null,
  }
}
