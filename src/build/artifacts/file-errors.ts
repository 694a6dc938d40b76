// The file system's errors in sentences: which place, what is wrong with it, what to do next.
import { LockstepError, systemCodeOf } from '../../foundation/errors.ts'

/** Turns a failed write into one clear error; anything that is not the file system's passes unchanged. */
export function storeUnwritable(error: unknown, place: string): unknown {
  const code = systemCodeOf(error)
  if (code === undefined || error instanceof LockstepError) return error
  const [reason, hint] = reasons[code] ?? [
    `it cannot be written (${code})`,
    'Check the folder and run again.',
  ]
  return new LockstepError({
    code: 'build.store_unwritable',
    kind: 'unavailable',
    message: `cannot write to ${place}: ${reason}; nothing was half-written`,
    hint,
    details: { place, systemCode: code },
    cause: error,
  })
}

/** Is it the disk, whatever was being done? */
export function isDiskTrouble(error: unknown): boolean {
  return ['ENOSPC', 'EDQUOT', 'EROFS'].includes(systemCodeOf(error) ?? '')
}

/** A file of the user that should be there and is not readable. */
export function fileUnreadable(error: unknown, path: string): unknown {
  const code = systemCodeOf(error)
  if (code === undefined || error instanceof LockstepError) return error
  const reason =
    code === 'ENOENT'
      ? 'it does not exist (it may have been removed while Lockstep was reading)'
      : code === 'EACCES' || code === 'EPERM'
        ? 'this user may not read it'
        : `reading failed with ${code}`
  return new LockstepError({
    code: 'build.file_unreadable',
    kind: code === 'ENOENT' ? 'not_found' : 'unavailable',
    message: `cannot read ${path}: ${reason}`,
    hint: 'Put the file in place or correct its permissions, then run again.',
    details: { path, systemCode: code },
    cause: error,
  })
}

/** Links and devices have no content that a digest could pin. */
export function notAPlainFile(path: string, kind: 'link' | 'special'): LockstepError {
  return new LockstepError({
    code: kind === 'link' ? 'build.link_refused' : 'build.special_file_refused',
    kind: 'invalid',
    message:
      kind === 'link'
        ? `${path} is a symbolic link; only plain files and folders can be pinned by content`
        : `${path} is a socket, pipe or device; only plain files and folders can be pinned by content`,
    hint:
      kind === 'link' ? 'Put the file itself in its place, or name its real path.' : 'Remove it.',
    details: { path },
  })
}

const linkFaults = {
  outside: 'lies outside the project folder',
  reserved: "lies in a folder of Git's or Lockstep's own",
  no_file: 'is not a plain file',
  dangling: 'does not exist',
  circle: 'leads back to the link itself',
} as const

/** A link among the inputs may point to a plain file of the project, and to nothing else. */
export function linkRefused(link: {
  readonly path: string
  readonly target: string
  readonly fault: keyof typeof linkFaults
}): LockstepError {
  const { path, target, fault } = link
  return new LockstepError({
    code: 'build.link_refused',
    kind: 'invalid',
    message: `${path} is a symbolic link to ${target}, which ${linkFaults[fault]}; only links to plain files of the project can be pinned by content`,
    hint:
      fault === 'dangling'
        ? 'Put the target in place, or remove the link.'
        : 'Put the file itself in the place of the link, or name the real path as an input.',
    details: { path, target, fault },
  })
}

const reasons: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOSPC: ['the disk is full', 'Free some space on that disk, then run again.'],
  EDQUOT: ['the disk quota is used up', 'Free some space or raise the quota, then run again.'],
  EROFS: [
    'the disk is read-only',
    'Mount it writable, or move the data folder to a writable disk.',
  ],
  EACCES: [
    'this user has no permission',
    'Correct the owner or mode of the folder, then run again.',
  ],
  EPERM: [
    'this user has no permission',
    'Correct the owner or mode of the folder, then run again.',
  ],
  ENOTDIR: ['a file is in the place of a folder', 'Move that file away, then run again.'],
  EEXIST: ['a file is in the place of a folder', 'Move that file away, then run again.'],
  ENOENT: ['the folder does not exist and cannot be made', 'Choose a folder on a real disk.'],
  EMFILE: ['too many files are open', 'Raise the limit (ulimit -n) or run with less parallelism.'],
}
