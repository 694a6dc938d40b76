// A Node environment: `npm ci` of the lock, without the packages' own install scripts.
import { mkdir, symlink, writeFile } from 'node:fs/promises'
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import type { ReadyRuntime } from '../pipeline/step-runtime.ts'
import { firstOnPath } from './find-interpreter-fs.ts'
import type { Installation } from './installation.ts'
import { manifestFromLock } from './lock-file.ts'
import { runTool } from './run-tool.ts'

export async function installNode(at: Installation): Promise<readonly string[]> {
  const { folder, interpreter, environment } = at
  const npm = await firstOnPath(['npm'], at.path)
  if (npm === undefined) throw noNpm(at.lockName)
  const manifest = manifestFromLock(at.lockText)
  if (isRefusal(manifest)) throw new Error(manifest.because)
  await writeFile(`${folder}/package.json`, manifest)
  await writeFile(`${folder}/package-lock.json`, at.lockText)
  await mkdir(`${folder}/bin`)
  await symlink(interpreter.program, `${folder}/bin/node`)
  await mkdir(`${folder}/node_modules`)
  await runTool({
    program: npm,
    args: [
      ...['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--no-update-notifier'],
      // Whatever NODE_ENV or the user's settings say: one lock, one set of packages.
      ...['--include=dev', '--include=optional', '--include=peer', '--no-progress'],
    ],
    folder,
    environment: { ...environment, PATH: `${folder}/bin:${at.path}` },
    token: at.token,
    logPath: at.log,
    told: at.told,
    signal: at.signal,
    doing: `installing ${at.lockName}`,
  })
  // npm ci installs what the lock names and nothing else.
  return []
}

/** `require` looks into NODE_PATH; `import` only into a folder named node_modules, hence the link. */
export function nodeReady(folder: string): ReadyRuntime {
  return {
    path: [`${folder}/node_modules/.bin`, `${folder}/bin`],
    environment: { NODE_PATH: `${folder}/node_modules` },
    links: { node_modules: `${folder}/node_modules` },
  }
}

export function nodeProof(folder: string): string {
  return `${folder}/bin/node`
}

function noNpm(lock: string): LockstepError {
  return new LockstepError({
    code: 'runtime.npm_missing',
    kind: 'unavailable',
    message: `installing ${lock} needs npm, and there is none on PATH`,
    hint: 'install npm, or put its folder into PATH, then run again',
  })
}
