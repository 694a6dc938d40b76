// Sizes for people: `512 B`, `1.2 KB`, `3.4 GB`; a thousand of each make the next.

const units = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

export function formatBytes(bytes: number): string {
  let size = bytes
  let unit = 0
  // 999.96 would be said as 1000.0.
  while (size >= 999.95 && unit < units.length - 1) {
    size /= 1000
    unit += 1
  }
  return `${unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`
}
