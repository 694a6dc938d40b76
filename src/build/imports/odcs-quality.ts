// One quality rule of a contract as checks: what it counts, the operator, the unit and the severity. Pure.
import {
  isRecord,
  numberOf,
  type OdcsNote,
  type OdcsRecord,
  quoteName,
  quoteValue,
  textOf,
} from './odcs-values.ts'

export interface RulePlace {
  readonly about: string
  /** Null for a rule of the whole object. */
  readonly column: string | null
  /** From names in the contract to names in the data. */
  readonly names: ReadonlyMap<string, string>
  readonly table: string
}

type Check = Readonly<Record<string, unknown>>

export interface TranslatedRule {
  readonly checks: readonly Check[]
  readonly notes: readonly OdcsNote[]
}

export function translateQuality(rule: OdcsRecord, place: RulePlace): TranslatedRule {
  const said = sayRule(rule)
  const leftOut = (why: string): TranslatedRule => ({
    checks: [],
    notes: [{ about: place.about, kind: 'left_out', sentence: `${said}: ${why}` }],
  })
  const type = textOf(rule.type) ?? 'library'
  if (type === 'text') return leftOut('it is written for people; write a check that says the same')
  if (type === 'custom')
    return leftOut(
      `it is written for ${textOf(rule.engine) ?? 'another engine'}; write it as a check or as SQL`,
    )
  const query = type === 'sql' ? sqlOf(rule, place) : countOf(rule, place)
  if ('because' in query) return leftOut(query.because)
  const limits = limitsOf(rule)
  if (limits === undefined)
    return leftOut('it compares with nothing that is understood (mustBe, mustBeLessThan, …)')
  const severity = isMild(rule.severity) ? { severity: 'warn' } : {}
  const name = textOf(rule.name) ?? textOf(rule.description)
  const checks = limits.map((limit): Check => {
    const simple = query.simple?.(limit)
    if (simple !== undefined) return { [simple]: severity }
    const sql = limit.wrap === undefined ? query.sql : limit.wrap(query.sql)
    return {
      sql,
      expect: limit.text,
      ...(name === undefined ? {} : { name: name.slice(0, 80) }),
      ...severity,
    }
  })
  return { checks, notes: query.notes ?? [] }
}

function sayRule(rule: OdcsRecord): string {
  const what =
    textOf(rule.metric) ?? textOf(rule.rule) ?? textOf(rule.name) ?? textOf(rule.type) ?? 'a rule'
  const why = textOf(rule.description)
  return why === undefined ? `the rule ${what}` : `the rule ${what} (${why.trim().slice(0, 80)})`
}

function isMild(severity: unknown): boolean {
  return /^(info|information|low|warn|warning|minor)$/i.test(textOf(severity) ?? '')
}

interface Limit {
  /** `<= 5` */
  readonly text: string
  readonly op: string | null
  readonly value: number
  /** For operators that no limit has: the query becomes one that answers 1 when it holds. */
  readonly wrap?: (sql: string) => string
}

const operators: Readonly<Record<string, string>> = {
  mustBe: '=',
  mustBeGreaterThan: '>',
  mustBeGreaterOrEqualTo: '>=',
  mustBeLessThan: '<',
  mustBeLessOrEqualTo: '<=',
}

function limitsOf(rule: OdcsRecord): readonly Limit[] | undefined {
  for (const [name, op] of Object.entries(operators)) {
    const raw = rule[name]
    const value = typeof raw === 'boolean' ? Number(raw) : numberOf(raw)
    if (value !== undefined) return [{ text: `${op} ${value}`, op, value }]
  }
  const holds = (condition: (value: string) => string): Limit => ({
    text: '= 1',
    op: null,
    value: 1,
    wrap: (sql) =>
      `select case when ${condition('answer')} then 1 else 0 end from (select (${sql}) as answer)`,
  })
  const not = numberOf(rule.mustNotBe)
  if (not !== undefined) return [holds((value) => `${value} <> ${not}`)]
  const between = pairOf(rule.mustBeBetween)
  if (between !== undefined)
    return [
      { text: `>= ${between[0]}`, op: '>=', value: between[0] },
      { text: `<= ${between[1]}`, op: '<=', value: between[1] },
    ]
  const outside = pairOf(rule.mustNotBeBetween)
  if (outside !== undefined)
    return [holds((value) => `${value} not between ${outside[0]} and ${outside[1]}`)]
  return undefined
}

function pairOf(value: unknown): readonly [number, number] | undefined {
  if (!Array.isArray(value)) return undefined
  const [least, most] = value
  return typeof least === 'number' && typeof most === 'number' ? [least, most] : undefined
}

type Query =
  | { readonly because: string }
  | {
      readonly sql: string
      /** A line of the check language for the same, where there is one for this limit. */
      readonly simple?: (limit: Limit) => string | undefined
      readonly notes?: readonly OdcsNote[]
    }

/** `{object}` and `{property}` stand for the table and the column, also as `${table}` and `${column}`. */
function sqlOf(rule: OdcsRecord, { table, column, about }: RulePlace): Query {
  const query = textOf(rule.query)
  if (query === undefined) return { because: 'it has no query' }
  if (column === null && /\$?\{(property|column)\}/.test(query))
    return { because: 'it names a property and stands at none' }
  const sql = query
    .replace(/\$?\{(object|table|schema)\}/g, 'this')
    .replace(/\$?\{(property|column)\}/g, quoteName(column ?? ''))
    .replace(new RegExp(`\\b(from|join)\\s+${escaped(table)}\\b`, 'gi'), '$1 this')
    .trim()
  const sentence =
    'its SQL is kept as written, for the dialect of the contract; here DuckDB reads it'
  return { sql, notes: [{ about, kind: 'changed', sentence }] }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}

function countOf(rule: OdcsRecord, place: RulePlace): Query {
  const metric = textOf(rule.metric) ?? textOf(rule.rule)
  const args = isRecord(rule.arguments) ? rule.arguments : {}
  const isPercent = textOf(rule.unit) === 'percent'
  if (metric === 'rowCount')
    return {
      sql: 'select count(*) from this',
      simple: ({ op, value }) => (op === null ? undefined : `rows ${op} ${value}`),
    }
  if (metric === 'duplicateValues') return duplicates(args, place, isPercent)
  const { column } = place
  if (metric === undefined) return { because: 'it names no metric' }
  if (column === null) return { because: 'it counts values and stands at no property' }
  const shared = { name: quoteName(column), isPercent }
  if (metric === 'nullValues')
    return counted(`${shared.name} is null`, { ...shared, line: `null(${writeName(column)})` })
  if (metric === 'missingValues') return counted(missingCondition(shared.name, args), shared)
  if (metric === 'invalidValues') return invalid(shared, rule, args)
  return { because: `the metric ${metric} is not known` }
}

interface Counted {
  readonly name: string
  readonly isPercent: boolean
  /** A share in the check language that counts the same. */
  readonly line?: string
}

function counted(condition: string, { isPercent, line }: Counted): Query {
  const count = `count(*) filter (where ${condition})`
  return {
    sql: isPercent
      ? `select 100.0 * ${count} / nullif(count(*), 0) from this`
      : `select ${count} from this`,
    simple: ({ op, value }) =>
      line === undefined || op === null || (!isPercent && !(value === 0 && op === '='))
        ? undefined
        : `${line} ${op} ${isPercent ? `${value}%` : 0}`,
  }
}

function missingCondition(name: string, args: OdcsRecord): string {
  const values = Array.isArray(args.missingValues) ? args.missingValues : [null, '']
  const written = values.filter((value) => value !== null).map((value) => quoteValue(String(value)))
  const isNull = values.includes(null) ? [`${name} is null`] : []
  const among = written.length > 0 ? [`cast(${name} as varchar) in (${written.join(', ')})`] : []
  return [...isNull, ...among].join(' or ') || 'false'
}

function invalid(shared: Counted, rule: OdcsRecord, args: OdcsRecord): Query {
  const { name } = shared
  const valid = args.validValues ?? rule.validValues
  // The standard's own page writes the pattern beside `arguments` once.
  const pattern = textOf(args.pattern) ?? textOf(rule.pattern)
  const wrong: string[] = []
  if (Array.isArray(valid) && valid.length > 0)
    wrong.push(
      `cast(${name} as varchar) not in (${valid.map((value) => quoteValue(String(value))).join(', ')})`,
    )
  if (pattern !== undefined)
    wrong.push(`not regexp_matches(cast(${name} as varchar), ${quoteValue(pattern)})`)
  if (wrong.length === 0) return { because: 'it names neither validValues nor a pattern' }
  return counted(`${name} is not null and (${wrong.join(' or ')})`, shared)
}

function duplicates(args: OdcsRecord, { column, names }: RulePlace, isPercent: boolean): Query {
  const wanted = Array.isArray(args.properties) ? args.properties.map(String) : []
  const columns =
    wanted.length > 0
      ? wanted.map((name) => names.get(name) ?? name)
      : column === null
        ? []
        : [column]
  if (columns.length === 0) return { because: 'it names no properties' }
  const list = columns.map(quoteName).join(', ')
  const repeated = `select coalesce(sum(n - 1), 0) from (select count(*) as n from this where ${columns.map((one) => `${quoteName(one)} is not null`).join(' and ')} group by ${list})`
  return {
    sql: isPercent ? `select 100.0 * (${repeated}) / nullif(count(*), 0) from this` : repeated,
  }
}

function writeName(name: string): string {
  return /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name)
}
