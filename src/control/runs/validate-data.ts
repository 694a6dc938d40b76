// The data gate: every dataset's checks, before anything is trained on it.
import { join } from 'node:path'
import { tableOf } from '../../build/tables/duckdb.ts'
import type { GateReport } from '../../verify/gates/gate-report.ts'
import { judgeData } from '../../verify/gates/judge-data.ts'
import { worst } from '../../verify/statistics/verdict.ts'
import { gateRecords } from './gate-records.ts'
import type { ResolvedInputs } from './resolve-inputs.ts'
import type { GateRecord } from './run.ts'
import type { RunWorld } from './run-world.ts'

export interface DatasetFacts {
  readonly name: string
  readonly rows: number
  readonly schema: readonly { readonly name: string; readonly type: string }[]
}

export interface ValidatedData {
  readonly gate: GateRecord
  readonly reports: readonly GateReport[]
  readonly facts: readonly DatasetFacts[]
}

export async function validateData(
  world: RunWorld,
  inputs: ResolvedInputs,
): Promise<ValidatedData> {
  const tables = await world.tables()
  const reports: GateReport[] = []
  const facts: DatasetFacts[] = []
  for (const dataset of inputs.datasets) {
    const paths = dataset.files.map((file) => join(inputs.project.dir, file))
    reports.push(await judgeData({ checks: dataset.spec.checks, paths, tables }))
    const columns = await tables.query<{ column_name: string; column_type: string }>(
      `describe select * from ${tableOf(paths)}`,
    )
    const [count] = await tables.query<{ rows: number }>(
      `select count(*) as rows from ${tableOf(paths)}`,
    )
    facts.push({
      name: dataset.spec.name,
      rows: count?.rows ?? 0,
      schema: columns.map((column) => ({ name: column.column_name, type: column.column_type })),
    })
  }
  const checks = reports.flatMap((report) => gateRecords(report).flatMap((gate) => gate.checks))
  const verdict = checks.length === 0 ? 'skipped' : worst(checks.map((check) => check.verdict))
  return { gate: { name: 'data', verdict, checks }, reports, facts }
}
