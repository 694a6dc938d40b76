// One stat in the index's terms. A link counts as the plain file it points to, if that lies inside the project.
import type { Stats } from 'node:fs'
import { lstatSync, readlinkSync, realpathSync, statSync } from 'node:fs'
import { systemCodeOf } from '../../foundation/errors.ts'
import { fileUnreadable, linkRefused, notAPlainFile } from './file-errors.ts'
import type { FileStat } from './file-stat.ts'

/** @throws LockstepError for what is neither a file nor a link to a file of the project. */
export function statFile(root: string, path: string): FileStat {
  const found = statEntry(root, path)
  if (found === 'folder') throw notAPlainFile(`${root}/${path}`, 'special')
  return found
}

export function statEntry(root: string, path: string): FileStat | 'folder' {
  const place = `${root}/${path}`
  let stat: Stats
  try {
    stat = lstatSync(place)
  } catch (error) {
    throw fileUnreadable(error, place)
  }
  if (stat.isFile()) return inOurTerms(stat)
  if (stat.isDirectory()) return 'folder'
  if (!stat.isSymbolicLink()) throw notAPlainFile(place, 'special')
  return inOurTerms(followLink(root, path))
}

function inOurTerms({ size, mode, mtimeMs, ctimeMs, ino }: Stats): FileStat {
  return { size, mode: mode & 0o100 ? '0755' : '0644', mtimeMs, ctimeMs, inode: ino }
}

/** Resolved anew each time: what a link points to may change without the link changing. */
function followLink(root: string, path: string): Stats {
  const place = `${root}/${path}`
  let target: string
  try {
    target = readlinkSync(place)
  } catch (error) {
    throw fileUnreadable(error, place)
  }
  try {
    const real = realpathSync.native(place)
    const home = realpathSync.native(root)
    if (!real.startsWith(`${home}/`)) throw linkRefused({ path, target, fault: 'outside' })
    if (/^\.(lockstep|git)(\/|$)/.test(real.slice(home.length + 1))) {
      throw linkRefused({ path, target, fault: 'reserved' })
    }
    const stat = statSync(real)
    if (!stat.isFile()) throw linkRefused({ path, target, fault: 'no_file' })
    return stat
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw linkRefused({ path, target, fault: 'dangling' })
    }
    if (code === 'ELOOP') throw linkRefused({ path, target, fault: 'circle' })
    throw fileUnreadable(error, place)
  }
}
