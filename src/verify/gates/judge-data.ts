// The data gate: the checks of a dataset, answered by DuckDB over all its rows, judged by the same engine as every gate.
import type { TableSource } from '../../build/tables/table-source.ts'
import type { RawCheck } from '../../project/gate-spec.ts'
import type { TableFacts } from '../data/check-plan.ts'
import type { DataStatistics } from '../data/data-statistics.ts'
import { measureData, measureSource } from '../data/measure-data.ts'
import type { GateSettings } from './check-result.ts'
import { type CheckSpec, hasProblems } from './check-spec.ts'
import { type GateReport, reportOf } from './gate-report.ts'
import { gateDefaults, judgeGate } from './judge-gates.ts'
import { parseCheck } from './language/parse-check.ts'

export interface DataRequest {
  readonly checks: readonly RawCheck[]
  /** Files, or a table that is open already. */
  readonly table: string | readonly string[] | TableSource
  /** Default `data`; several datasets get a gate each. */
  readonly gate?: string
  readonly defaults?: GateSettings
  /** ISO 8601; what freshness is measured against. */
  readonly now: string
  readonly facts?: TableFacts
}

export async function judgeData(request: DataRequest): Promise<GateReport> {
  const { checks, table, gate = 'data', defaults = gateDefaults, now, facts = {} } = request
  const parsed = checks.map(({ text, options }) => parseCheck(text, options))
  const asked = parsed.flatMap((spec) => (!hasProblems(spec) && spec.kind === 'data' ? [spec] : []))
  const question = { checks: asked.map(({ check }) => check), facts, now }
  const found = isSource(table)
    ? await measureSource(table, question)
    : await measureData(table, question)
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
  return reportOf([judgeGate({ name: gate, checks, defaults, measure })])
}

/** Equal questions have equal answers. */
function keyOf(spec: CheckSpec): string {
  return `${spec.text} ${JSON.stringify(spec.kind === 'data' ? spec.check : null)}`
}

function isSource(table: DataRequest['table']): table is TableSource {
  return typeof table === 'object' && 'tables' in table
}
