// What an installer is given: a new folder of its own, the interpreter, the lock and the machine's settings.
import type { Interpreter } from './find-interpreter-fs.ts'
import type { LockReading } from './lock-file.ts'

export interface Installation {
  /** Absolute; everything is made in here and stays here, for virtual environments cannot be moved. */
  readonly folder: string
  readonly interpreter: Interpreter
  readonly path: string
  readonly environment: Readonly<Record<string, string>>
  /** `requirements.txt`: a copy of it, whose digest was checked, lies in the folder. */
  readonly lockName: string
  readonly lockText: string
  readonly lock: LockReading
  readonly token: string
  readonly log: string
  readonly told: (line: string) => void
  readonly signal: AbortSignal
}

const misleading =
  /^(PYTHON.*|VIRTUAL_ENV|CONDA_.*|PIP_(USER|TARGET|PREFIX|ROOT|REQUIRE_VIRTUALENV|REQUIREMENT|CONSTRAINT|EDITABLE)|NODE_ENV|NODE_OPTIONS|NODE_PATH|npm_(lifecycle|package|command|execpath|node).*|npm_config_(global|prefix|local_prefix|omit|include|production|only)|INIT_CWD)$/i

/** The user's settings of proxies, indexes and certificates stay; what would lead an installer elsewhere goes. */
export function installerEnvironment(
  environment: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined || misleading.test(name) ? [] : [[name, value]],
    ),
  )
}
