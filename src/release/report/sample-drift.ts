// Checks of data as tests need them: a drift of one column of numbers and one of categories, and a profile behind them.
import type { DriftStatistics } from '../../verify/data/drift/drift-check.ts'
import type { DatasetProfile } from '../../verify/data/profile/profile.ts'
import type { CheckResult } from '../../verify/gates/check-result.ts'
import { sampleCheck, specOf } from '../card/sample-checks.ts'

/** Columns of numbers and of categories in turn; the first have moved most. */
export function driftOf(names: readonly string[]): DriftStatistics {
  const columns = names.map((name, at): DriftStatistics['columns'][number] => {
    const far = 40 / (at + 1)
    const compared =
      at % 2 === 0
        ? {
            ...{ name, kind: 'numeric' as const, referenceMissing: 10, liveMissing: 25 },
            bins: Array.from({ length: 40 }, (_, bin) => ({
              ...{ label: `${bin}–${bin + 1}`, reference: 100 },
              ...{ from: bin === 0 ? null : bin, to: bin === 39 ? null : bin + 1 },
              live: Math.round(100 + far * (bin / 10 - 2)),
            })),
          }
        : {
            ...{ name, kind: 'category' as const, referenceMissing: 0, liveMissing: 0 },
            bins: ['red', 'green', '<i>blue</i>'].map((label, bin) => ({
              ...{ label, reference: 1000 },
              live: Math.round(1000 + far * (bin - 1)),
            })),
          }
    return { compared, axis: null, isCut: false }
  })
  return {
    ...{ method: 'drift', reference: 'release 3', referenceRows: 4010, rows: 4025 },
    ...{ columns, unknown: [] },
  }
}

export function driftCheck(names: readonly string[], limit = 0.1): CheckResult {
  return sampleCheck('fail', {
    ...{ id: 'data.drift', written: `drift(*) <= ${limit}`, method: 'PSI', limit },
    ...{ spec: specOf(`drift(*) <= ${limit}`), statistics: driftOf(names), estimate: 0.4 },
    denominators: names.map((name, at) => ({ name, n: 4025, estimate: 0.4 / (at + 1) })),
  })
}

export function dataCheck(text: string): CheckResult {
  return sampleCheck('pass', { id: text, written: text, spec: specOf(text) })
}

export function profileOf(names: readonly string[]): DatasetProfile {
  return {
    rows: 4025,
    columns: Object.fromEntries(
      names.map((name) => [
        name,
        {
          ...{
            kind: 'numeric' as const,
            lowest: 0,
            edges: Array.from({ length: 40 }, (_, at) => at + 1),
          },
          counts: Array.from({ length: 40 }, (_, at) => 20 + at * (40 - at)),
          ...{ under: 0, over: 0, missing: 3, nonfinite: 0, mean: 20, std: 9, min: 0, max: 40 },
        },
      ]),
    ),
  }
}
