// DuckDB's values as plain JavaScript: what JSON, statistics and people can use without knowing the engine.

/**
 * Integers become numbers while exact (bigint beyond 2^53), decimals numbers, dates and times ISO 8601 text in UTC,
 * lists arrays, structs and maps objects (map keys as text), bytes a Uint8Array; anything else DuckDB's own text.
 */
export function plainValue(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value)
    return Number.isSafeInteger(number) ? number : value
  }
  if (value === undefined) return null
  if (typeof value !== 'object' || value === null) return value
  const kind = value.constructor.name
  if (kind === 'DuckDBListValue' || kind === 'DuckDBArrayValue') {
    return (value as { items: readonly unknown[] }).items.map(plainValue)
  }
  if (kind === 'DuckDBStructValue') {
    const entries = Object.entries((value as { entries: Record<string, unknown> }).entries)
    return Object.fromEntries(entries.map(([key, member]) => [key, plainValue(member)]))
  }
  if (kind === 'DuckDBMapValue') {
    const { entries } = value as { entries: readonly { key: unknown; value: unknown }[] }
    return Object.fromEntries(
      entries.map(({ key, value: member }) => [String(plainValue(key)), plainValue(member)]),
    )
  }
  if (kind === 'DuckDBDecimalValue') return Number(String(value))
  if (kind === 'DuckDBBlobValue') return (value as { bytes: Uint8Array }).bytes
  if (kind.startsWith('DuckDBTimestamp')) return isoTimestamp(kind, value)
  return String(value)
}

const perMillisecond: Record<string, [field: string, unitsPerMs: bigint]> = {
  DuckDBTimestampValue: ['micros', 1000n],
  DuckDBTimestampTZValue: ['micros', 1000n],
  DuckDBTimestampNanosecondsValue: ['nanos', 1_000_000n],
}

/** Milliseconds are kept, finer parts cut: JavaScript's instants have no more. Infinity and odd kinds stay text. */
function isoTimestamp(kind: string, value: object): string {
  const unit = perMillisecond[kind]
  const count = unit ? (value as Record<string, unknown>)[unit[0]] : undefined
  if (unit && typeof count === 'bigint') {
    const at = new Date(Number(count / unit[1]))
    if (!Number.isNaN(at.getTime())) return at.toISOString()
  }
  return String(value)
}
