// The interpreter that PATH leads to, and what it says about itself. It is asked once, and again when its file changed.
import { execFile } from 'node:child_process'
import { access, constants, realpath, stat } from 'node:fs/promises'
import { delimiter, isAbsolute, join } from 'node:path'
import { promisify } from 'node:util'
import type { Clock, Instant } from '../../foundation/clock.ts'
import { LockstepError, sentenceOf } from '../../foundation/errors.ts'
import type { RuntimeSpec } from '../../project/step-spec.ts'

export interface Interpreter {
  /** `3.11.9`; other makes than CPython are named: `PyPy 3.10.14`. */
  readonly version: string
  /** The program itself, not the link, shim or virtual environment that leads to it. */
  readonly program: string
}

export type FindInterpreter = (kind: RuntimeSpec['kind']) => Promise<Interpreter>

export interface InterpreterPlaces {
  readonly path: string
  readonly environment: Readonly<Record<string, string>>
  readonly clock: Clock
}

const names = { python: ['python3', 'python'], node: ['node'] } as const
const questions = {
  python:
    'import json, platform, sys; print(json.dumps([platform.python_implementation(), platform.python_version(), getattr(sys, "_base_executable", None) or sys.executable]))',
  node: 'console.log(JSON.stringify(["Node", process.versions.node, process.execPath]))',
} as const
/** What stands before an interpreter (a version switcher's script) may lead elsewhere tomorrow though its file is the same. */
const shimTrustMs = 10_000

export function interpreterFinder(places: InterpreterPlaces): FindInterpreter {
  const known = new Map<string, { readonly found: Interpreter; readonly until: Instant }>()
  return async (kind) => {
    const program = await firstOnPath(names[kind], places.path)
    if (program === undefined) throw notFound(kind, places.path)
    const stamp = `${program} ${(await stat(program)).mtimeMs}`
    const earlier = known.get(stamp)
    if (earlier && places.clock.now() < earlier.until) return earlier.found
    const found = await ask(kind, program, places)
    const direct = (await realpath(program)) === (await realpath(found.program))
    const until = direct ? Number.POSITIVE_INFINITY : places.clock.now() + shimTrustMs
    known.set(stamp, { found, until })
    return found
  }
}

/** The first executable file of one of these names; a name earlier in the list wins over a folder earlier in PATH. */
export async function firstOnPath(
  wanted: readonly string[],
  path: string,
): Promise<string | undefined> {
  for (const name of wanted) {
    for (const folder of path.split(delimiter)) {
      if (!isAbsolute(folder)) continue
      const program = join(folder, name)
      const runs = await isProgram(program)
      if (runs) return program
    }
  }
  return undefined
}

async function isProgram(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK)
    return (await stat(path)).isFile()
  } catch {
    return false
  }
}

async function ask(
  kind: RuntimeSpec['kind'],
  program: string,
  { path, environment }: InterpreterPlaces,
): Promise<Interpreter> {
  const args = kind === 'python' ? ['-I', '-c', questions.python] : ['-e', questions.node]
  try {
    const { stdout } = await promisify(execFile)(program, args, {
      env: { ...environment, PATH: path },
      timeout: 30_000,
    })
    const [make, version, executable] = JSON.parse(stdout) as readonly string[]
    if (!make || !version || !executable) throw new Error(`it answered ${stdout.trim()}`)
    const plain = make === 'CPython' || make === 'Node'
    return { version: plain ? version : `${make} ${version}`, program: executable }
  } catch (error) {
    throw new LockstepError({
      code: 'runtime.interpreter_broken',
      kind: 'unavailable',
      message: `${program} does not answer when asked for its version: ${sentenceOf(error).split('\n').slice(0, 3).join(' ')}`,
      hint: `check it by hand: ${program} --version`,
      cause: error,
    })
  }
}

function notFound(kind: RuntimeSpec['kind'], path: string): LockstepError {
  return new LockstepError({
    code: 'runtime.interpreter_missing',
    kind: 'unavailable',
    message: `a step needs a ${kind} environment, but there is no ${names[kind].join(' or ')} on PATH`,
    hint: `install ${kind === 'python' ? 'Python 3' : 'Node.js'}, or put its folder into PATH, then run again`,
    details: { path },
  })
}
