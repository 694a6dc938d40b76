// Names of archive members that would be written outside the folder they are unpacked into.

/** Why a name must not be unpacked; undefined for a plain relative path. */
export function badMemberName(name: string): string | undefined {
  if (name === '') return 'it has no name'
  if (name.includes('\0')) return 'its name holds a zero byte, where some readers stop'
  if (/^[/\\]/.test(name)) return 'its name is an absolute path'
  if (/^[A-Za-z]:/.test(name)) return 'its name is a path on a drive'
  if (name.split(/[/\\]/).includes('..')) return 'its name leads out of the folder'
  return undefined
}
