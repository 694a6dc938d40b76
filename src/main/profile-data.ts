// `lockstep data profile`: what is in data files, column by column; needs no project, no control plane and no model.
import { basename } from 'node:path'
import { openTableSource } from '../build/tables/table-source.ts'
import type { DataProfileRequest, DataProfileView } from '../cli/world.ts'
import { htmlProfile } from '../release/report/profile-page.ts'
import { summariseTable, type TableSummary } from '../verify/data/profile/profile-summary.ts'
import { version } from './package-info.ts'

export async function profileData({ files, asPage }: DataProfileRequest): Promise<DataProfileView> {
  const tables: { name: string; summary: TableSummary }[] = []
  for (const path of files) {
    const source = await openTableSource(path)
    try {
      const summary = await summariseTable(source.tables, { sql: 'SELECT * FROM this' })
      tables.push({ name: basename(path), summary })
    } finally {
      await source.close()
    }
  }
  const [first] = tables
  const title = first !== undefined && tables.length === 1 ? first.name : `${tables.length} tables`
  return {
    tables: tables.map(({ name, summary }) => ({
      name,
      rows: summary.profile.rows,
      columns: Object.fromEntries(
        summary.columns.map(
          ({ name: column, type, missing, distinct, isEstimate, top, profile }) => [
            column,
            { type, missing, distinct, distinctIsEstimate: isEstimate, top, ...profile },
          ],
        ),
      ),
      profile: summary.profile,
    })),
    html: asPage ? htmlProfile({ title, tables, version }) : null,
  }
}
