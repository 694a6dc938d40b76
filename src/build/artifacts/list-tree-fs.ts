// Lists the files beneath a folder, links and devices included, so that the caller can refuse what it does not want.
import { readdir } from 'node:fs/promises'
import { LockstepError } from '../../foundation/errors.ts'
import { fileUnreadable, notAPlainFile } from './file-errors.ts'

export interface ListedFile {
  /** Relative to the listed folder, with forward slashes. */
  readonly path: string
  readonly kind: 'file' | 'link' | 'special'
}

/** Version control and Lockstep's own folder are never inputs or outputs. */
export function isListed(name: string): boolean {
  return name !== '.git' && name !== '.lockstep'
}

/** Every file beneath `folder`, in no promised order. Version control and Lockstep's own folder are left out. */
export async function listTree(folder: string): Promise<ListedFile[]> {
  const found: ListedFile[] = []
  const waiting = ['']
  for (let prefix = waiting.pop(); prefix !== undefined; prefix = waiting.pop()) {
    for (const entry of await readFolder(`${folder}/${prefix}`)) {
      const path = `${prefix}${entry.name}`
      if (!isListed(entry.name)) continue
      refuseUnreadableName(folder, path)
      if (entry.isDirectory()) waiting.push(`${path}/`)
      else if (entry.isFile()) found.push({ path, kind: 'file' })
      else found.push({ path, kind: entry.isSymbolicLink() ? 'link' : 'special' })
    }
  }
  return found
}

/** Every plain file beneath `folder`; a link or device among them is an error. */
export async function listPlainFiles(folder: string): Promise<string[]> {
  return (await listTree(folder)).map(({ path, kind }) => {
    if (kind !== 'file') throw notAPlainFile(`${folder}/${path}`, kind)
    return path
  })
}

async function readFolder(folder: string) {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    throw fileUnreadable(error, folder)
  }
}

/** Node replaces bytes that are not UTF-8: such a name could not be opened again, nor restored elsewhere. */
export function refuseUnreadableName(folder: string, path: string): void {
  if (!path.includes('\uFFFD') && !path.includes('\\')) return
  throw new LockstepError({
    code: 'build.file_name_refused',
    kind: 'invalid',
    message: `the file ${JSON.stringify(path)} in ${folder} has a name that is not UTF-8 or holds a backslash`,
    hint: 'Rename it; such names cannot be restored on every machine.',
    details: { folder, path },
  })
}
