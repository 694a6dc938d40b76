// Makes a folder with those above it.
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCodeOf } from './errors.ts'

/**
 * Not mkdir's own `recursive`: where a folder exists but takes no children (under /proc, some network mounts) the system
 * answers ENOENT, and Node 24 then tries for ever. Here each level is tried twice at most.
 */
export async function makeFolder(path: string): Promise<void> {
  if (await madeOrThere(path)) return
  await makeFolder(dirname(path))
  await mkdir(path).catch((error) => {
    if (systemCodeOf(error) !== 'EEXIST') throw error
  })
}

/** False when the folder above is missing. */
async function madeOrThere(path: string): Promise<boolean> {
  try {
    await mkdir(path)
    return true
  } catch (error) {
    const code = systemCodeOf(error)
    if (code === 'ENOENT' && dirname(path) !== path) return false
    // A file in its place shows itself by ENOTDIR as soon as something is put inside.
    if (code === 'EEXIST') return true
    throw error
  }
}
