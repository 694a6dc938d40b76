// Paths in DVC's files are relative to a folder and may climb with `..`; here they become relative to the project. Pure.
import { posix } from 'node:path'
import { type Refusal, refuse } from '../../foundation/refusal.ts'

/** '' is the project folder itself. Refuses what lies outside it. */
export function joined(folder: string, path: string): string | Refusal {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) {
    return refuse('import.remote', `${path} lies elsewhere, not in the project`)
  }
  if (path.startsWith('/') || /^[A-Za-z]:[\\/]/.test(path)) {
    return refuse('import.absolute', `${path} is absolute, so it exists on one machine only`)
  }
  const whole = posix.normalize(
    posix.join(folder === '' ? '.' : folder, path.replaceAll('\\', '/')),
  )
  if (whole === '..' || whole.startsWith('../')) {
    return refuse('import.outside', `${path} leads out of the project folder`)
  }
  const clean = whole.replace(/\/+$/, '')
  return clean === '.' ? '' : clean
}

/** A name of lockstep.yaml: lower case, digits, - and _. */
export function nameFrom(text: string, fallback: string): string {
  const name = text
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
  return name === '' ? fallback : name
}

/** The first of `name`, `name-2`, `name-3`, … that is not taken; it is then. */
export function unused(name: string, taken: Set<string>): string {
  let free = name
  for (let count = 2; taken.has(free); count++) free = `${name}-${count}`
  taken.add(free)
  return free
}
