// A Python environment: `python -m venv`, then pip, and nothing of the machine's own packages in sight.
import { writeFile } from 'node:fs/promises'
import type { ReadyRuntime } from '../pipeline/step-runtime.ts'
import type { Installation } from './installation.ts'
import { unlisted } from './lock-file.ts'
import { runTool } from './run-tool.ts'

/** Resolves to what came along without being named in the lock. */
export async function installPython(at: Installation): Promise<readonly string[]> {
  const { folder, interpreter, environment, lockName, lock, log } = at
  const tool = {
    folder,
    environment,
    logPath: log,
    told: at.told,
    signal: at.signal,
    token: at.token,
  }
  await runTool({
    ...tool,
    program: interpreter.program,
    args: ['-m', 'venv', 'venv'],
    doing: `making a virtual environment with Python ${interpreter.version}`,
  })
  const python = `${folder}/venv/bin/python`
  const pip = ['-m', 'pip', '--no-input', '--disable-pip-version-check']
  await runTool({
    ...tool,
    program: python,
    args: [
      ...pip,
      ...['install', '--progress-bar', 'off', '--no-warn-script-location'],
      ...(lock.hashed ? ['--require-hashes'] : []),
      ...['-r', lockName],
    ],
    doing: `installing ${lockName}`,
  })
  // What was chosen where the lock left a choice, and what came along with it.
  const resolved = await runTool({
    ...tool,
    program: python,
    args: [...pip, 'freeze', '--all'],
    told: () => {},
    doing: 'listing what was installed',
  })
  await writeFile(`${folder}/resolved.txt`, resolved)
  const more = unlisted(at.lockText, resolved)
  if (more.length > 0)
    at.told(
      `${lockName} does not name all that was installed; add what these need, or on another day other versions come: ${more.slice(0, 20).join(' ')}`,
    )
  return more
}

/** Sets and dictionaries keyed by text come out in the same order each time, and no bytecode is written beside the step's files. */
export function pythonReady(folder: string): ReadyRuntime {
  return {
    path: [`${folder}/venv/bin`],
    environment: {
      VIRTUAL_ENV: `${folder}/venv`,
      PYTHONHASHSEED: '0',
      PYTHONDONTWRITEBYTECODE: '1',
      PYTHONNOUSERSITE: '1',
    },
    links: {},
  }
}

/** A virtual environment is a link to its interpreter: without that it is empty hull. */
export function pythonProof(folder: string): string {
  return `${folder}/venv/bin/python`
}
