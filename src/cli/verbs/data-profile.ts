// `lockstep data profile`: what is in data files, column by column; the JSON of one file is a reference for drift checks.
import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { LockstepError } from '../../foundation/errors.ts'
import { plural } from '../render/text.ts'
import type { Verb } from '../verb.ts'
import type { DataProfileView } from '../world.ts'

export const dataProfile: Verb = {
  args: [['<files...>', 'Parquet, CSV or JSON; a folder or glob is one table']],
  options: [['--html <file>', 'write a page that can be read anywhere']],
  notes:
    'With --json and one file the answer is a profile: {"drift(*) <= 0.1": {vs: reference.json}} compares with it.',
  examples: [
    ['data profile people.parquet', 'every column on one line'],
    ['data profile train.parquet holdout.parquet --html profile.html', 'two tables on a page'],
    ['data profile people.parquet --json > reference.json', 'a reference for drift checks'],
  ],
  run: async ({ args, output, world }) => {
    if (args.words.length === 0) throw args.usage('say what to look at: FILE…')
    const html = args.text('html')
    const files = args.words.map((path) => resolve(world.cwd, path))
    const view = await world.profileData({ files, asPage: html !== undefined })
    if (html !== undefined) await writePage(resolve(world.cwd, html), view.html ?? '')
    const [only] = view.tables
    output.document(
      only !== undefined && view.tables.length === 1
        ? { rows: only.rows, columns: only.profile.columns, described: only.columns }
        : { tables: view.tables.map(({ name, rows, columns }) => ({ name, rows, columns })) },
    )
    for (const table of view.tables) output.print(...linesOf(table))
    if (html !== undefined) output.print(`wrote ${html}`)
    return 0
  },
}

async function writePage(path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error) => {
    throw new LockstepError({
      code: 'data.not_written',
      kind: 'invalid',
      message: `the page cannot be written to ${path}: ${error instanceof Error ? error.message : error}`,
      hint: 'give a file in a folder that exists and may be written',
    })
  })
}

function linesOf({ name, rows, columns }: DataProfileView['tables'][number]): string[] {
  const entries = Object.entries(columns)
  const cells = entries.map(([column, one]) => [
    column,
    one.type.toLowerCase(),
    one.missing === 0 ? '' : `${percent(one.missing / Math.max(1, rows))} missing`,
    `${one.distinctIsEstimate ? '~' : ''}${one.distinct} distinct`,
    valuesOf(one, rows),
  ])
  const widths = [0, 1, 2, 3].map((at) =>
    Math.max(0, ...cells.map((row) => (row[at] ?? '').length)),
  )
  return [
    `${name}  ${plural(rows, 'row')}, ${plural(entries.length, 'column')}`,
    ...cells.map((row) =>
      `  ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ')}`.trimEnd(),
    ),
  ]
}

type Described = DataProfileView['tables'][number]['columns'][string]

function valuesOf({ mean, min, max, top, missing }: Described, rows: number): string {
  if (typeof mean === 'number') return `${short(min)} … ${short(mean)} … ${short(max)}`
  const filled = Math.max(1, rows - missing)
  return top
    .slice(0, 3)
    .map(
      ({ value, count }) =>
        `${value.length > 24 ? `${value.slice(0, 23)}…` : value} ${percent(count / filled)}`,
    )
    .join(', ')
}

function short(value: number | null | undefined): string {
  return typeof value === 'number' ? String(Number(value.toPrecision(4))) : '–'
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(2))} %`
}
