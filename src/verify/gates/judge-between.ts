// The gate of checks between datasets, answered by DuckDB over all rows of both.
import type { Tables } from '../../build/tables/duckdb.ts'
import type { RawCheck } from '../../project/gate-spec.ts'
import {
  type BetweenSide,
  type MeasuredBetween,
  measureBetween,
} from '../data/overlap/overlap-measure.ts'
import { hasProblems } from './check-spec.ts'
import { type GateReport, reportOf } from './gate-report.ts'
import type { DefaultSettings } from './judge-check.ts'
import { gateDefaults, judgeGate } from './judge-gates.ts'
import { parseCheck } from './language/parse-check.ts'

export interface BetweenRequest {
  readonly checks: readonly RawCheck[]
  readonly sides: readonly BetweenSide[]
  readonly tables: Tables
  readonly defaults?: DefaultSettings
}

export async function judgeBetweenSets(request: BetweenRequest): Promise<GateReport> {
  const { checks, sides, tables, defaults = gateDefaults } = request
  const measured = new Map<string, MeasuredBetween>()
  for (const { text, options } of checks) {
    const spec = parseCheck(text, options)
    if (hasProblems(spec) || spec.kind !== 'between') continue
    const find = (name: string) => sides.find((side) => side.name === name)
    measured.set(JSON.stringify(spec.check), await measureBetween(tables, spec.check, find))
  }
  const gate = judgeGate({
    name: 'between',
    checks,
    defaults,
    measure: (spec) =>
      (spec.kind === 'between' ? measured.get(JSON.stringify(spec.check)) : undefined) ?? {
        method: 'unreadable',
        because: 'this is no check of two datasets; put it under gates, or the checks of a dataset',
      },
  })
  return reportOf([gate])
}
