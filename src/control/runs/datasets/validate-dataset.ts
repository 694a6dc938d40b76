// One dataset of a run: its checks, what the manifest says about it, and the profile that later runs compare themselves with.
import { openTableSource, type TableSource } from '../../../build/tables/table-source.ts'
import type { Digest } from '../../../foundation/digest.ts'
import type { DatasetSpec, ProjectSpec } from '../../../project/project-spec.ts'
import type { TableFacts } from '../../../verify/data/check-plan.ts'
import { type DatasetProfile, profileTable } from '../../../verify/data/profile/profile.ts'
import { isProfiled } from '../../../verify/data/profile/profile-source.ts'
import type { DatasetEvidence } from '../../../verify/gates/evidence-document.ts'
import type { GateReport } from '../../../verify/gates/gate-report.ts'
import { judgeData } from '../../../verify/gates/judge-data.ts'
import type { DatasetHistory } from './dataset-history.ts'
import type { References } from './reference-profiles.ts'

export interface DatasetFacts {
  readonly name: string
  readonly rows: number
  readonly schema: readonly { readonly name: string; readonly type: string }[]
}

export interface DatasetToJudge {
  readonly spec: ProjectSpec
  readonly dataset: DatasetSpec
  readonly version: Digest
  /** Absolute. */
  readonly paths: readonly string[]
  /** Tables that its SQL may name. */
  readonly others: Readonly<Record<string, readonly string[]>>
  readonly history: DatasetHistory
  readonly references: References
  /** ISO 8601. */
  readonly now: string
}

export interface JudgedDataset {
  readonly report: GateReport
  readonly evidence: DatasetEvidence
  readonly facts: DatasetFacts
}

export async function judgeDataset(request: DatasetToJudge): Promise<JudgedDataset> {
  const { spec, dataset, version, paths, others, history, references, now } = request
  // What cannot be opened is told by every check of it.
  const source = await openTableSource(paths, { others }).catch(() => undefined)
  try {
    const report = await judgeData({
      checks: dataset.checks,
      table: source ?? paths,
      gate: gateOf(spec, dataset),
      defaults: spec.gateDefaults,
      now,
      facts: { ...tableFacts(dataset, history), reference: references.of(dataset.name) },
    })
    const rows = source === undefined ? 0 : await rowsOf(source)
    const profile = source === undefined ? null : await profileOf(source, request)
    return {
      report,
      evidence: { name: dataset.name, version, rows, profile },
      facts: { name: dataset.name, rows, schema: source?.columns ?? [] },
    }
  } finally {
    await source?.close()
  }
}

/** The one dataset that is there before a run needs no name. */
function gateOf({ datasets }: ProjectSpec, { name, madeBy }: DatasetSpec): string {
  const sources = datasets.filter((one) => one.madeBy === null)
  return madeBy === null && sources.length === 1 ? 'data' : `data.${name}`
}

export function tableFacts(spec: DatasetSpec, history: DatasetHistory): TableFacts {
  return {
    key: spec.key,
    missingValues: spec.missingValues,
    redact: spec.redact,
    ...history,
    ...(spec.time === null ? {} : { time: spec.time }),
    ...(spec.label === null ? {} : { label: spec.label }),
  }
}

async function rowsOf({ tables }: TableSource): Promise<number> {
  const [count] = await tables
    .query<{ rows: number }>('SELECT count(*) AS rows FROM this')
    .catch(() => [])
  return Number(count?.rows ?? 0)
}

/** Data the champion was made from needs no second look. Keys are no distribution, and values of redacted data are not kept. */
async function profileOf(
  source: TableSource,
  { dataset, version, references }: DatasetToJudge,
): Promise<DatasetProfile | null> {
  if (dataset.redact) return null
  const champion = await references.champion(dataset.name)
  if (champion?.version === version && champion.profile !== null) return champion.profile
  const columns = source.columns.filter(
    ({ name, type }) => isProfiled(type) && !dataset.key.includes(name),
  )
  const names = columns.map(({ name }) => name)
  const profile = await profileTable(source.tables, { sql: 'SELECT * FROM this' }, names).catch(
    () => null,
  )
  return profile && withoutIdentifiers(profile)
}

/** Text whose commonest values are rare names single things or persons: it has no distribution worth keeping. */
function withoutIdentifiers(profile: DatasetProfile): DatasetProfile {
  const columns = Object.entries(profile.columns).filter(([, column]) => {
    if (column.kind === 'numeric') return true
    const filled = column.counts.reduce((sum, count) => sum + count, 0) + column.other
    return column.other <= 0.9 * filled
  })
  return { ...profile, columns: Object.fromEntries(columns) }
}
