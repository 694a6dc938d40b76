// Formats a text can have, as SQL conditions that are true for a value that has it.
import { quoteText } from '../../build/tables/duckdb.ts'
import type { Format } from './data-check.ts'

export const formats: readonly Format[] = [
  'email',
  'url',
  'uuid',
  'iban',
  'ipv4',
  'ipv6',
  'json',
  'iso_date',
  'iso_datetime',
  'integer',
  'number',
  'boolean',
  'date',
  'timestamp',
]

/** Written `is email`; the others are types too and are asked as `parses as integer`. */
export const textFormats: readonly Format[] = formats.slice(0, 9)
export const parsedTypes: readonly Format[] = [...formats.slice(9), 'json', 'uuid']

const octet = '(25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])'
const group = '[0-9a-fA-F]{1,4}'
const patterns: Partial<Record<Format, string>> = {
  // HTML's own definition of a valid address, with at least one dot in the host.
  email:
    "[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+",
  url: '[A-Za-z][A-Za-z0-9+.-]*://[^\\s/?#]+[^\\s]*',
  uuid: '[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}',
  ipv4: `${octet}(\\.${octet}){3}`,
  // Eight groups, or fewer around one pair of colons (RFC 4291).
  ipv6: `${group}(:${group}){7}|(${group}(:${group})*)?::(${group}(:${group})*)?`,
  iso_date: '[0-9]{4}-[0-9]{2}-[0-9]{2}',
  iso_datetime:
    '[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?',
}

const types: Partial<Record<Format, string>> = {
  integer: 'BIGINT',
  number: 'DOUBLE',
  boolean: 'BOOLEAN',
  date: 'DATE',
  timestamp: 'TIMESTAMP',
}

/** `text` is SQL of type VARCHAR. */
export function hasFormatSql(format: Format, text: string): string {
  const pattern = patterns[format]
  const fits = pattern === undefined ? 'true' : `regexp_full_match(${text}, ${quoteText(pattern)})`
  switch (format) {
    case 'iban':
      return ibanSql(text)
    case 'json':
      return `json_valid(${text})`
    case 'ipv6':
      return `(${fits} AND length(${text}) - length(replace(${text}, ':', '')) <= 7)`
    case 'iso_date':
      // A day that does not exist (2026-02-30) has the form but is no date.
      return `(${fits} AND TRY_CAST(${text} AS DATE) IS NOT NULL)`
    case 'iso_datetime':
      return `(${fits} AND TRY_CAST(${text} AS TIMESTAMPTZ) IS NOT NULL)`
    case 'integer':
      // DuckDB would round 1.5.
      return `(regexp_full_match(${text}, '\\s*[+-]?[0-9]+\\s*') AND TRY_CAST(${text} AS HUGEINT) IS NOT NULL)`
    default: {
      const type = types[format]
      return type === undefined ? fits : `(TRY_CAST(${text} AS ${type}) IS NOT NULL)`
    }
  }
}

/** ISO 13616: country, two check digits, account; the check is ISO 7064 MOD 97-10 on the text turned by four places. */
function ibanSql(text: string): string {
  const compact = `upper(replace(${text}, ' ', ''))`
  const turned = `(substr(${compact}, 5) || substr(${compact}, 1, 4))`
  const digits = `list_transform(string_split(${turned}, ''), lambda c: CASE WHEN c >= 'A' THEN ascii(c) - 55 ELSE ascii(c) - 48 END)`
  const rest = `list_reduce(list_prepend(0, ${digits}), lambda a, v: (a * (CASE WHEN v > 9 THEN 100 ELSE 10 END) + v) % 97)`
  return `CASE WHEN regexp_full_match(${compact}, '[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}') THEN ${rest} = 1 ELSE false END`
}
