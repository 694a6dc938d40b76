// What a step read according to strace, and which of it was never declared. Pure.
import { isAbsolute, sep } from 'node:path'

/** Lines look like `4711 openat(AT_FDCWD</work>, "a.csv", O_RDONLY|O_CLOEXEC) = 3</work/a.csv>`. */
export const traceArguments = [
  '-f',
  '-qq',
  '-y',
  '--seccomp-bpf',
  '--trace=open,openat,openat2,execve',
  '--status=successful',
  '--signal=none',
] as const

const opened = /^\d+ +(?:open|openat|openat2)\(.*?, (?:\{flags=)?(O_[A-Z_|]+)[,}) ].*= \d+<(.*)>$/
const executed = /^\d+ +execve\("((?:[^"\\]|\\.)*)"/

/** The file whose content one line says was read; undefined for folders, for writing, and for everything else. */
export function fileReadIn(line: string): string | undefined {
  const open = opened.exec(line)
  if (open) {
    const [, flags = '', path = ''] = open
    if (/O_DIRECTORY|O_PATH|O_WRONLY/.test(flags)) return undefined
    return isAbsolute(path) ? unescaped(path) : undefined
  }
  const [, program = ''] = executed.exec(line) ?? []
  return isAbsolute(program) ? unescaped(program) : undefined
}

export interface ReadBounds {
  /** Everything the step declared lies here, and everything it makes. */
  readonly workDir: string
  /** Reads below these are the user's own: the project and the home folder. */
  readonly watched: readonly string[]
  /** Reads below these belong to the machine or to Lockstep: programs, environments, the data folder. */
  readonly ignored: readonly string[]
}

/** Reads that make a result depend on something its key does not know. */
export function isUndeclared(path: string, { workDir, watched, ignored }: ReadBounds): boolean {
  if (isBelow(path, workDir)) return false
  return (
    watched.some((folder) => isBelow(path, folder)) &&
    !ignored.some((folder) => isBelow(path, folder))
  )
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

/** Bytes that are no plain text come as octal: `\303\244` is `ä`. */
function unescaped(path: string): string {
  if (!path.includes('\\')) return path
  const bytes: number[] = []
  for (let at = 0; at < path.length; ) {
    const octal = /^\\([0-7]{1,3})/.exec(path.slice(at, at + 4))
    const letter = /^\\([abefnrtv"\\])/.exec(path.slice(at, at + 2))?.[1]
    if (octal) {
      bytes.push(Number.parseInt(octal[1] ?? '0', 8))
      at += octal[0].length
    } else if (letter !== undefined) {
      bytes.push(letters[letter] ?? letter.charCodeAt(0))
      at += 2
    } else {
      bytes.push(...Buffer.from(path[at] ?? ''))
      at += 1
    }
  }
  return Buffer.from(bytes).toString('utf8')
}

const letters: Readonly<Record<string, number>> = {
  ...{ a: 7, b: 8, t: 9, n: 10, v: 11, f: 12, r: 13, e: 27 },
}
