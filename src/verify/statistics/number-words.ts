// Numbers as a person reads them in a reason: the same on every machine and in every locale.
import type { Op } from './verdict.ts'

/** The sign as it is printed. */
export function formatOp(op: Op): string {
  return op === '<=' ? '≤' : op === '>=' ? '≥' : op
}

/** 12345.6 → `12,346`. */
export function formatCount(value: number): string {
  const digits = Math.round(Math.abs(value)).toString()
  return (value < 0 ? '−' : '') + digits.replace(/\B(?=(\d{3})+(?!\d))/g, ',')
}

/** A rate or a score, three decimals; small ones keep two significant digits. */
export function formatRate(value: number): string {
  const size = Math.abs(value)
  const digits =
    size === 0 || size >= 0.0095 ? size.toFixed(3) : String(Number(size.toPrecision(2)))
  return (value < 0 ? '−' : '') + digits
}

/** 0.0123 → `1.23 %`. */
export function formatShare(value: number): string {
  const percent = value * 100
  return `${Number(percent.toPrecision(3))} %`
}

/** Thousands separated, at most four significant digits after them. */
export function formatNumber(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e15) return formatCount(value)
  if (Math.abs(value) >= 1000) return formatCount(value)
  return Number(value.toPrecision(4)).toString()
}

/** `850 bytes`, `1.4 KB`, `50 MB` (decimal units). */
export function formatBytes(value: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB']
  let scaled = value
  let at = 0
  while (scaled >= 1000 && at < units.length - 1) {
    scaled /= 1000
    at++
  }
  return `${Number(scaled.toPrecision(3))} ${units[at]}`
}
