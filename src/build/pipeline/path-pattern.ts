// Globs over project-relative paths: `*`, `?`, `[a-z]`, `{csv,parquet}` within a name, `**` over any number of folders.

export function isGlob(path: string): boolean {
  return /[*?[{]/.test(path)
}

/** The folder in which every match lies, '' for the project folder: `data/raw/*.csv` gives `data/raw`. */
export function literalFolder(glob: string): string {
  const segments = glob.split('/')
  const firstWild = segments.findIndex(isGlob)
  return segments.slice(0, firstWild).join('/')
}

/** A glob names files, never folders; a leading dot in a name must be written out. */
export function globMatcher(glob: string): (path: string) => boolean {
  const segments = compile(glob)
  return (path) => walk(segments, path.split('/'), 'file')
}

/** True when `path` itself, or a file beneath it should it be a folder, may match. */
export function mayReach(glob: string, path: string): boolean {
  return reachMatcher(glob)(path)
}

/** `mayReach` of one glob for many paths. */
export function reachMatcher(glob: string): (path: string) => boolean {
  const segments = compile(glob)
  return (path) => walk(segments, path.split('/'), 'file_or_folder')
}

type Segment = RegExp | '**'

function compile(glob: string): Segment[] {
  return glob.split('/').map((segment) => (segment === '**' ? '**' : segmentPattern(segment)))
}

function walk(
  pattern: readonly Segment[],
  names: readonly string[],
  pathIs: 'file' | 'file_or_folder',
): boolean {
  const [first, ...restPattern] = pattern
  const [name, ...restNames] = names
  if (name === undefined) return pathIs === 'file_or_folder' || first === undefined
  if (first === undefined) return false
  if (first !== '**') return first.test(name) && walk(restPattern, restNames, pathIs)
  if (restPattern.length === 0) return true
  return (
    walk(restPattern, names, pathIs) || (!name.startsWith('.') && walk(pattern, restNames, pathIs))
  )
}

/** One segment as a regular expression. Unclosed brackets and braces stand for themselves. */
function segmentPattern(segment: string): RegExp {
  let source = ''
  for (let at = 0; at < segment.length; at++) {
    const sign = segment.charAt(at)
    const close = sign === '[' ? segment.indexOf(']', at + 2) : segment.indexOf('}', at)
    if (sign === '*') source += '[^/]*'
    else if (sign === '?') source += '[^/]'
    else if (sign === '[' && close > 0) {
      source += `[${segment
        .slice(at + 1, close)
        .replace(/^!/, '^')
        .replaceAll('\\', '\\\\')}]`
      at = close
    } else if (sign === '{' && close > 0) {
      const choices = segment.slice(at + 1, close).split(',')
      source += `(?:${choices.map((choice) => segmentSource(choice)).join('|')})`
      at = close
    } else source += escapeSign(sign)
  }
  return toPattern(source, segment)
}

/** Inside braces `*` and `?` keep their meaning. */
function segmentSource(choice: string): string {
  return [...choice]
    .map((sign) => (sign === '*' ? '[^/]*' : sign === '?' ? '[^/]' : escapeSign(sign)))
    .join('')
}

function escapeSign(sign: string): string {
  return sign.replace(/[.*+?^${}()|[\]\\/-]/, '\\$&')
}

function toPattern(source: string, segment: string): RegExp {
  const noHidden = segment.startsWith('.') ? '' : '(?!\\.)'
  try {
    return new RegExp(`^${noHidden}${source}$`)
  } catch {
    // A class such as [z-a] has no meaning; take the segment as it is written.
    return new RegExp(`^${noHidden}${[...segment].map(escapeSign).join('')}$`)
  }
}
