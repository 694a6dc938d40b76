// Numbers as a card writes them: aligned, no more digits than they carry.

/** Four decimals, as metrics are compared; `–` for what is undefined. */
export function metricText(value: number | null): string {
  if (value === null) return '–'
  const text = Math.abs(value) >= 1000 ? grouped(Math.round(value)) : value.toFixed(4)
  return text.replace('-', '−')
}

export function intervalText(lower: number | null, upper: number | null): string {
  return lower === null || upper === null ? '' : `${metricText(lower)} – ${metricText(upper)}`
}

export function grouped(value: number): string {
  return value.toLocaleString('en-US')
}

/** `12.5 %`; below a tenth of a percent it says so. */
export function shareText(share: number): string {
  if (share > 0 && share < 0.001) return '< 0.1 %'
  return `${(share * 100).toFixed(1)} %`
}

/** Any number in a few characters: 38, 0.27, 1.2 M. */
export function shortNumber(value: number | null): string {
  if (value === null) return '–'
  const size = Math.abs(value)
  const text =
    size >= 1e6
      ? `${Number((value / 1e6).toPrecision(3))} M`
      : size >= 1e4
        ? grouped(Math.round(value))
        : size < 0.001 && size > 0
          ? value.toExponential(1)
          : String(Number(value.toPrecision(4)))
  return text.replace('-', '−')
}

export function bytesText(bytes: number): string {
  const units = ['bytes', 'KB', 'MB', 'GB', 'TB']
  const step = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3))
  return `${step === 0 ? bytes : (bytes / 1000 ** step).toPrecision(3)} ${units[step]}`
}

/** `24 Nov 2026, 00:30 UTC`. */
export function dateText(iso: string): string {
  const at = new Date(iso)
  if (Number.isNaN(at.getTime())) return iso
  const day = at.toLocaleDateString('en-GB', {
    ...{ day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' },
  })
  return `${day}, ${at.toISOString().slice(11, 16)} UTC`
}
