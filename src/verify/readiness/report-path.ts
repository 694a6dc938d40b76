// Paths of reports and inputs that a check names: inside the project and nowhere else.

/** Without `./` and doubled slashes; undefined for what is empty, absolute or leads out. */
export function normalisedPath(path: string): string | undefined {
  if (path.includes('\0') || path.startsWith('/') || path.includes('\\')) return undefined
  const parts = path.split('/').filter((part) => part !== '' && part !== '.')
  return parts.length === 0 || parts.includes('..') ? undefined : parts.join('/')
}
