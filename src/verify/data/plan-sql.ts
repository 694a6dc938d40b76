// A check in SQL: the rows that break a rule, or one number. One SELECT, over this table and its neighbours, within a time.
import type { CheckPlan, PlanContext } from './check-plan.ts'
import type { DataCheck } from './data-check.ts'
import type { DataStatistics, ExampleRow } from './data-statistics.ts'

const mostExamples = 5
const longestShown = 80

export function planSql(check: DataCheck & { rule: 'sql' }, { facts }: PlanContext): CheckPlan {
  // It becomes a part of others, where a last semicolon may not stand.
  const statement = check.sql.replace(/;(\s|--[^\n]*(\n|$))*$/, '')
  return {
    expressions: [],
    again: true,
    finish: async (_, asking): Promise<DataStatistics> => {
      await asking.requireSelect(statement)
      const within = <Row>(sql: string) => asking.within<Row>(sql, check.timeLimitMs)
      const [size] = await within<{ n: number }>(`SELECT count(*) AS n FROM (${statement}\n)`)
      const rows = Number(size?.n ?? 0)
      if (check.expects === 'value') {
        const answer = await within<Record<string, unknown>>(`FROM (${statement}\n) LIMIT 2`)
        return oneNumber(rows, answer[0] ?? {}, facts.redact === true ? 'redacted' : 'shown')
      }
      const examples =
        rows === 0 || facts.redact === true
          ? []
          : await within<Record<string, unknown>>(`FROM (${statement}\n) LIMIT ${mostExamples}`)
      return { method: 'sql', rows, value: null, examples: examples.map(exampleOf) }
    },
  }
}

function oneNumber(
  rows: number,
  row: Record<string, unknown>,
  display: 'shown' | 'redacted',
): DataStatistics {
  const values = Object.values(row)
  if (rows !== 1 || values.length !== 1) {
    const because = `the SQL answers ${rows} rows of ${values.length} columns; one number is needed`
    return { method: 'unreadable', because }
  }
  const [value] = values
  if (value === null) return { method: 'sql', rows, value: null, examples: [] }
  const number = typeof value === 'boolean' ? Number(value) : Number(value)
  if (typeof value === 'string' || Number.isNaN(number)) {
    const answer = display === 'shown' ? JSON.stringify(plain(value)) : 'with a value'
    const because = `the SQL answers ${answer}; one number is needed`
    return { method: 'unreadable', because }
  }
  return { method: 'sql', rows, value: number, examples: [] }
}

function exampleOf(row: Record<string, unknown>, at: number): ExampleRow {
  const values = Object.entries(row).map(([name, value]) => [name, plain(value)] as const)
  return { row: at + 1, values: Object.fromEntries(values) }
}

function plain(value: unknown): string | number | boolean | null {
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return value
  const text =
    typeof value === 'string'
      ? value
      : JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? String(one) : one))
  return (text ?? '').slice(0, longestShown)
}
