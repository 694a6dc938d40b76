// Parameters inside metric names, and their one normal form.

/** 0.9, 0.90 and 90% are 0.9; undefined outside (0, 1]. */
export function parseShare(text: string): number | undefined {
  const found = /^(\d*\.?\d+)(%?)$/.exec(text)
  if (found === null) return undefined
  const share = found[2] === '%' ? round(Number(found[1]) / 100) : Number(found[1])
  return share > 0 && share <= 1 ? share : undefined
}

/** The highest scores: so many rows, or such a share of them. */
export type Top =
  | { readonly of: 'rows'; readonly rows: number }
  | { readonly of: 'share'; readonly share: number }

/** `100` is rows; `10%` and `0.1` are a share. */
export function parseTop(text: string): Top | undefined {
  if (/^[1-9]\d{0,14}$/.test(text)) return { of: 'rows', rows: Number(text) }
  const share = parseShare(text)
  return share === undefined ? undefined : { of: 'share', share }
}

export function topName(top: Top): string {
  return top.of === 'rows' ? String(top.rows) : `${round(top.share * 100)}%`
}

/** Bins of scores: `15u` uniform on [0, 1], `10q` with equal numbers of rows. */
export interface Binning {
  readonly bins: number
  readonly kind: 'u' | 'q'
}

export const binningPattern = '(\\d{1,4})([uq])'

export function parseBinning(bins: string, kind: string): Binning | undefined {
  const count = Number(bins)
  if (count < 2 || count > 1000) return undefined
  return { bins: count, kind: kind === 'q' ? 'q' : 'u' }
}

/** Of a metric in normal form, `ece@15u`; undefined when it has no bins. */
export function binningOf(metricName: string): Binning | undefined {
  const [, bins, kind] = new RegExp(`@${binningPattern}$`).exec(metricName) ?? []
  return bins === undefined || kind === undefined ? undefined : parseBinning(bins, kind)
}

export function binningName({ bins, kind }: Binning): string {
  return `${bins}${kind}`
}

export function binningWords({ bins, kind }: Binning): string {
  return `${bins} ${kind === 'u' ? 'uniform' : 'quantile'} bins`
}

/** Without the last digits of binary arithmetic: 10 / 100 × 100 is 10. */
function round(value: number): number {
  return Number(value.toPrecision(12))
}
