// The training table: labels, numbers and category codes of the chosen columns, read from data files column by column.

import { columnHint } from '../tables/column-hint.ts'
import { openTables, quoteName, quoteText, type Tables, tableOf } from '../tables/duckdb.ts'
import { baselineError } from './baseline-error.ts'

export interface TableChoice {
  readonly data: string | readonly string[]
  readonly where?: string
  readonly label: string
  /** Default: every column but the label. */
  readonly columns?: readonly string[]
  readonly exclude?: readonly string[]
}

export interface NumberColumn {
  readonly kind: 'number'
  readonly name: string
  /** NaN where missing. */
  readonly values: Float64Array
}

export interface CategoryColumn {
  readonly kind: 'category'
  readonly name: string
  /** In code-point order; a missing text is the level ''. */
  readonly levels: readonly { readonly value: string; readonly count: number }[]
  /** The index into `levels` of each row. */
  readonly codes: Int32Array
}

export interface TrainingTable {
  readonly rows: number
  readonly label: Uint8Array
  readonly columns: readonly (NumberColumn | CategoryColumn)[]
}

export const levelLimit = 1000

export async function readTrainingTable(choice: TableChoice): Promise<TrainingTable> {
  const tables = await openTables()
  try {
    const types = await columnTypes(tables, choice.data)
    const names = chosenColumns(choice, [...types.keys()])
    const kinds = names.map((name) => ({ name, kind: kindOf(name, types.get(name) ?? '') }))
    // Copied into the engine once: a CSV is parsed once, and a file that changes meanwhile changes nothing.
    const wanted = [choice.label, ...names].map(quoteName).join(', ')
    const where = choice.where === undefined ? '' : ` WHERE (${choice.where}\n)`
    await tables.query(
      `CREATE TABLE training AS SELECT ${wanted} FROM ${tableOf(choice.data)}${where}`,
    )
    const label = await readLabel(tables, choice)
    const columns: (NumberColumn | CategoryColumn)[] = []
    for (const { name, kind } of kinds) {
      columns.push(
        kind === 'number' ? await readNumbers(tables, name) : await readCategories(tables, name),
      )
    }
    return { rows: label.length, label, columns }
  } finally {
    tables.close()
  }
}

async function columnTypes(
  tables: Tables,
  data: string | readonly string[],
): Promise<Map<string, string>> {
  const rows = await tables.query<{ column_name: string; column_type: string }>(
    `DESCRIBE SELECT * FROM ${tableOf(data)}`,
  )
  return new Map(rows.map((row) => [row.column_name, row.column_type]))
}

function chosenColumns(choice: TableChoice, present: readonly string[]): string[] {
  const exclude = choice.exclude ?? []
  for (const name of [choice.label, ...(choice.columns ?? []), ...exclude]) {
    if (present.includes(name)) continue
    const what = name === choice.label ? 'label column' : 'column'
    throw baselineError(
      'column_missing',
      `The training data has no ${what} ${name}.`,
      columnHint(name, present),
    )
  }
  const names = (choice.columns ?? present).filter(
    (name) => name !== choice.label && !exclude.includes(name),
  )
  if (choice.columns?.includes(choice.label)) {
    throw baselineError(
      'label_in_columns',
      `The label ${choice.label} is also among the columns to learn from; the model would read the answer.`,
      'Take it out of columns.',
    )
  }
  if (names.length > 0) return [...new Set(names)]
  throw baselineError(
    'no_columns',
    'No column is left to learn from.',
    `Name at least one besides the label; columns present: ${present.join(', ')}.`,
  )
}

function kindOf(name: string, type: string): 'number' | 'category' {
  if (/^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|DECIMAL.*|BOOLEAN)$/.test(type)) {
    return 'number'
  }
  if (/^(VARCHAR|ENUM.*)$/.test(type)) return 'category'
  throw baselineError(
    'column_type',
    `The column ${name} is of type ${type}; the baseline trainer reads numbers, booleans and text.`,
    `Convert it to a number or text in an earlier step, or exclude ${name}.`,
  )
}

async function readLabel(tables: Tables, { label, where }: TableChoice): Promise<Uint8Array> {
  const column = quoteName(label)
  const seen = await tables.query<{ value: unknown; number: number | null; rows: number }>(
    `SELECT ${column} AS value, try_cast(${column} AS DOUBLE) AS number, count(*) AS rows FROM training GROUP BY ALL ORDER BY rows DESC, value LIMIT 6`,
  )
  if (seen.length === 0) {
    throw baselineError(
      'no_rows',
      `The training data has no rows${where === undefined ? '' : ` that satisfy ${where}`}.`,
      'Check the condition and the step that writes the data.',
    )
  }
  const odd = seen.find(({ value, number }) => value === null || (number !== 0 && number !== 1))
  if (odd) {
    throw baselineError(
      'label_values',
      odd.value === null
        ? `The label ${label} is missing in ${odd.rows} rows; every row needs 0 or 1.`
        : `The label ${label} has the value ${String(odd.value)} (${odd.rows} rows); only 0 and 1 (or false and true) are allowed.`,
      `Write the label as 0 and 1 in an earlier step, or leave those rows out with where.`,
    )
  }
  if (seen.length < 2) {
    throw baselineError(
      'single_class',
      `All ${seen[0]?.rows} rows have the label ${label} = ${String(seen[0]?.value)}; a model needs rows of both classes.`,
      'Use data with both classes; check the where condition.',
    )
  }
  return Uint8Array.from(await oneColumn(tables, `${column}::UTINYINT`))
}

async function readNumbers(tables: Tables, name: string): Promise<NumberColumn> {
  const column = quoteName(name)
  const [seen] = await tables.query<{ present: number; infinite: number }>(
    `SELECT count(*) FILTER (NOT isnan(${column}::DOUBLE)) AS present, count(*) FILTER (isinf(${column}::DOUBLE)) AS infinite FROM training`,
  )
  if (!seen || seen.present === 0) throw allMissing(name)
  if (seen.infinite > 0) {
    throw baselineError(
      'infinite',
      `The column ${name} is infinite in ${seen.infinite} rows; only finite numbers and missing values can be learnt from.`,
      `Correct those rows in an earlier step, or exclude ${name}.`,
    )
  }
  const values = await oneColumn(tables, `coalesce(${column}::DOUBLE, 'nan'::DOUBLE)`)
  return { kind: 'number', name, values: Float64Array.from(values) }
}

async function readCategories(tables: Tables, name: string): Promise<CategoryColumn> {
  const text = `coalesce(${quoteName(name)}::VARCHAR, '')`
  const levels = await tables.query<{ value: string; count: number }>(
    `SELECT ${text} AS value, count(*) AS count FROM training GROUP BY 1 ORDER BY 1 LIMIT ${levelLimit + 1}`,
  )
  if (levels.length > levelLimit) {
    throw baselineError(
      'too_many_levels',
      `The text column ${name} has more than ${levelLimit} different values; it looks like an identifier or free text.`,
      `Exclude ${name}, or group its values in an earlier step.`,
    )
  }
  if (levels.length === 1 && levels[0]?.value === '') throw allMissing(name)
  const codes = await oneColumn(
    tables,
    `enum_code(${text}::ENUM(${levels.map(({ value }) => quoteText(value)).join(', ')}))::INTEGER`,
  )
  return { kind: 'category', name, levels, codes: Int32Array.from(codes) }
}

/** One at a time, so that only one column is ever held twice. */
async function oneColumn(tables: Tables, expression: string): Promise<number[]> {
  const { values } = await tables.columns(`SELECT ${expression} FROM training`)
  return (values[0] ?? []) as number[]
}

function allMissing(name: string) {
  return baselineError(
    'all_missing',
    `The column ${name} is missing in every row; nothing can be learnt from it.`,
    `Exclude ${name}, or correct the step that writes it.`,
  )
}
