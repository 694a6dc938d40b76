// The data gate: the checks of a dataset, answered by DuckDB over all its rows, judged by the same engine as every gate.
import type { Tables } from '../../build/tables/duckdb.ts'
import type { RawCheck } from '../../project/gate-spec.ts'
import type { DataStatistics } from '../data/data-check.ts'
import { measureData } from '../data/measure-data.ts'
import { type CheckSpec, hasProblems } from './check-spec.ts'
import { type GateReport, reportOf } from './gate-report.ts'
import { gateDefaults, judgeGate } from './judge-gates.ts'
import { parseCheck } from './parse-check.ts'

export interface DataRequest {
  readonly checks: readonly RawCheck[]
  readonly paths: string | readonly string[]
  readonly tables: Tables
  /** Default `data`; several datasets get a gate each. */
  readonly gate?: string
}

export async function judgeData({ checks, paths, tables, gate }: DataRequest): Promise<GateReport> {
  const parsed = checks.map(({ text, options }) => parseCheck(text, options))
  const asked = parsed.flatMap((spec) => (!hasProblems(spec) && spec.kind === 'data' ? [spec] : []))
  const found = await measureData(
    tables,
    paths,
    asked.map(({ check }) => check),
  )
  const statistics = new Map<string, DataStatistics>()
  for (const [at, spec] of asked.entries()) {
    const own = found[at]
    if (own !== undefined) statistics.set(keyOf(spec), own)
  }
  const measure = (spec: CheckSpec) =>
    statistics.get(keyOf(spec)) ?? {
      method: 'unreadable' as const,
      because: 'this is a check of a model; put it under gates',
    }
  return reportOf([judgeGate({ name: gate ?? 'data', checks, defaults: gateDefaults, measure })])
}

/** Equal questions have equal answers. */
function keyOf(spec: CheckSpec): string {
  return `${spec.text} ${JSON.stringify(spec.kind === 'data' ? spec.check : null)}`
}
