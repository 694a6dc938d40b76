// What a lock file promises, read without installing anything: is every package pinned, is every byte of it? Pure.
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import type { RuntimeSpec } from '../../project/step-spec.ts'

export interface LockReading {
  /** Every package has one exact version. */
  readonly pinned: boolean
  /** Every package's bytes are named by a digest as well. */
  readonly hashed: boolean
  /** What leaves a choice, as it is written: `pandas>=2`. */
  readonly loose: readonly string[]
}

/** Refuses a file that is no lock, and one that points to files its own digest would not cover. */
export function readLock(kind: RuntimeSpec['kind'], text: string): LockReading | Refusal {
  return kind === 'python' ? readRequirements(text) : readPackageLock(text)
}

/** Packages that were installed though the lock does not name them, as `pip freeze` wrote them; the installer's own do not count. */
export function unlisted(requirements: string, frozen: string): string[] {
  const listed = new Set(requirements.split(/\r?\n/).map(packageName))
  const own = new Set(['pip', 'setuptools', 'wheel'])
  return frozen.split(/\r?\n/).filter((line) => {
    const name = packageName(line)
    return name !== '' && !listed.has(name) && !own.has(name)
  })
}

/** `Ml_Dtypes==1 ; …` is the same package as `ml-dtypes` (PEP 503). */
function packageName(line: string): string {
  const [name = ''] = /^\s*[A-Za-z0-9][A-Za-z0-9._-]*/.exec(line) ?? []
  return name
    .trim()
    .toLowerCase()
    .replace(/[._-]+/g, '-')
}

/** Requirements as pip reads them: a backslash continues a line, `#` after a blank starts a comment. */
function readRequirements(text: string): LockReading | Refusal {
  const lines = text
    .replace(/^\uFEFF/, '')
    .replace(/\\\r?\n/g, ' ')
    .split(/\r?\n/)
    .map((line) => line.replace(/(^|\s)#.*$/, '').trim())
    .filter((line) => line !== '')
  const outside = lines.find(pointsOutside)
  if (outside !== undefined) {
    return refuse(
      'runtime.lock_points_outside',
      `'${outside}' points to files that the digest of this lock does not cover`,
    )
  }
  const required = lines.filter((line) => !line.startsWith('-'))
  const loose = required.filter((line) => !isPinned(line))
  return {
    pinned: loose.length === 0,
    hashed: required.length > 0 && required.every((line) => /\s--hash[= ]\w+:/.test(line)),
    loose: loose.map((line) => line.split(/\s+--hash/)[0] ?? line),
  }
}

function pointsOutside(line: string): boolean {
  if (/^(-r|-c|-e|--requirement|--constraint|--editable)\b/.test(line)) return true
  if (/^(-f|--find-links)\b/.test(line)) return !/https?:/.test(line)
  if (line.startsWith('-')) return false
  return /^(\.{0,2}\/|file:)/.test(line) || /@\s*(file:|\.{0,2}\/)/.test(line)
}

/** `name==1.2.3`, with extras, markers and hashes; `==1.*` still leaves a choice. */
function isPinned(line: string): boolean {
  const [requirement = ''] = line.split(/;|\s--hash/)
  if (/@\s*https?:/.test(requirement)) return /--hash[= ]\w+:|#sha256=/.test(line)
  const name = /^[A-Za-z0-9][A-Za-z0-9._-]*\s*(\[[^\]]*\])?\s*/
  return name.test(requirement) && /^===?\s*[^\s*,=]+$/.test(requirement.replace(name, '').trim())
}

interface LockedPackage {
  readonly version?: unknown
  readonly integrity?: unknown
  readonly link?: unknown
  readonly inBundle?: unknown
}

function readPackageLock(text: string): LockReading | Refusal {
  const packages = lockedPackages(text)
  if (isRefusal(packages)) return packages
  const entries = Object.entries(packages).filter(([place]) => place !== '')
  const outside = entries.find(
    ([place, one]) => one.link === true || !place.includes('node_modules/'),
  )
  if (outside !== undefined) {
    return refuse(
      'runtime.lock_points_outside',
      `the package ${outside[0]} lies in a folder that the digest of this lock does not cover`,
    )
  }
  const loose = entries.filter(([, one]) => typeof one.version !== 'string')
  return {
    pinned: loose.length === 0,
    hashed: entries.every(([, one]) => typeof one.integrity === 'string' || one.inBundle === true),
    loose: loose.map(([place]) => place),
  }
}

function lockedPackages(text: string): Readonly<Record<string, LockedPackage>> | Refusal {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('runtime.lock_unreadable', 'it is not JSON')
  }
  const packages = isObject(value) ? value.packages : undefined
  if (!isObject(packages) || !Object.values(packages).every(isObject)) {
    return refuse(
      'runtime.lock_unreadable',
      'it has no list `packages` (npm 7 and later write one: npm install --package-lock-only)',
    )
  }
  return packages as Readonly<Record<string, LockedPackage>>
}

/** The package.json that npm wants beside the lock, made from the lock itself: so its digest covers everything. */
export function manifestFromLock(text: string): string | Refusal {
  const packages = lockedPackages(text)
  if (isRefusal(packages)) return packages
  return `${JSON.stringify({ name: 'runtime', version: '0.0.0', ...packages[''] }, null, 2)}\n`
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
