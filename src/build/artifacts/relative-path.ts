// Project-relative paths as data: one spelling per place, and no way out of the folder they are relative to.
import type { Refusal } from '../../foundation/refusal.ts'
import { refuse } from '../../foundation/refusal.ts'

/** `./data//raw/` becomes `data/raw`. Absolute paths, `..`, backslashes and control characters are refused. */
export function normalisePath(text: string): string | Refusal {
  if (text.trim() === '') return refuse('path.empty', 'the path is empty; name a file or folder')
  if (text.startsWith('/') || /^[A-Za-z]:[\\/]/.test(text)) {
    return refuse('path.absolute', `${text} is absolute; write it relative to the project folder`)
  }
  if (text.includes('\\')) return refuse('path.backslash', `${text} has a backslash; use / instead`)
  if (hasControlCharacter(text)) {
    return refuse(
      'path.control',
      `${JSON.stringify(text)} has a control character; rename the file`,
    )
  }
  const segments = text.split('/').filter((segment) => segment !== '' && segment !== '.')
  if (segments.includes('..')) {
    return refuse(
      'path.escape',
      `${text} leaves its folder with '..'; only paths inside are allowed`,
    )
  }
  if (segments.length === 0) {
    return refuse('path.root', `${text} is the project folder itself; name something inside it`)
  }
  return segments.join('/')
}

/** True when `path` is `folder` or lies beneath it. */
export function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}

/** Every folder above the path, nearest first: `a/b/c` gives `a/b`, `a`. */
export function foldersAbove(path: string): string[] {
  const folders: string[] = []
  for (let cut = path.lastIndexOf('/'); cut > 0; cut = path.lastIndexOf('/', cut - 1)) {
    folders.push(path.slice(0, cut))
  }
  return folders
}

function hasControlCharacter(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 32 || code === 127) return true
  }
  return false
}
