// Where this installation lies and which version it is: a checkout runs the sources, a package the built files.
import { readFileSync } from 'node:fs'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(import.meta.url)

export const packageDir = join(dirname(here), '..', '..')

export const version: string = (
  JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8')) as { version: string }
).version

/** The command that starts a process entry of this folder. */
export function entry(name: 'control' | 'gateway' | 'replica'): string[] {
  return [process.execPath, join(dirname(here), `${name}${extname(here)}`)]
}

/** The command that `lockstep …` stands for inside a step. */
export const lockstepCommand: readonly string[] = [
  process.execPath,
  join(packageDir, 'bin', 'lockstep.js'),
]
