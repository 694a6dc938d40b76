// Durations as people write them (`90s`, `2h`) and as programs need them (milliseconds).

const unitMs: Record<string, number> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
}

/** `250ms`, `90s`, `15m`, `2h`, `7d`, `1w`, or sums such as `1h30m`. Returns undefined when it is none of these. */
export function parseDuration(text: string): number | undefined {
  const compact = text.trim()
  if (!/^(\d+(\.\d+)?(ms|[smhdw]))+$/.test(compact)) return undefined
  let total = 0
  for (const [, amount, unit] of compact.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdw])/g)) {
    total += Number(amount) * (unitMs[unit ?? ''] ?? 0)
  }
  return total
}

/** Two significant units at most: `850 ms`, `3.2 s`, `4m 10s`, `2h 5m`, `3d 4h`. */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`
  const pairs: ReadonlyArray<readonly [number, string, number, string]> = [
    [3_600_000, 'm', 60_000, 's'],
    [86_400_000, 'h', 3_600_000, 'm'],
    [Number.POSITIVE_INFINITY, 'd', 86_400_000, 'h'],
  ]
  for (const [limit, big, size, small] of pairs) {
    if (ms >= limit) continue
    const rest = Math.round(
      (ms % size) / (size === 60_000 ? 1000 : size === 3_600_000 ? 60_000 : 3_600_000),
    )
    return `${Math.floor(ms / size)}${big} ${rest}${small}`
  }
  return `${ms} ms`
}
