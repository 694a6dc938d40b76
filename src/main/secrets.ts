// Where the values of secrets come from: a variable of this process, or a file outside the project. Read when a step starts.
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { resolve } from 'node:path'
import { sentenceOf, systemCodeOf } from '../foundation/errors.ts'
import { type Refusal, refuse } from '../foundation/refusal.ts'
import type { SecretSpec } from '../project/step-spec.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The sentences name the place, never the value. */
export function secretsOf(projectDir: string, environment: Environment) {
  return ({ from }: SecretSpec): string | Refusal => {
    if ('env' in from) {
      const value = environment[from.env]
      return (
        value ?? refuse('secret.missing', `the variable ${from.env} is not set where Lockstep runs`)
      )
    }
    const path = resolve(projectDir, from.file.replace(/^~(?=\/)/, homedir()))
    try {
      // An editor's line end at the end of the file is not part of the secret.
      return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
    } catch (error) {
      const why =
        systemCodeOf(error) === 'ENOENT'
          ? 'does not exist'
          : `cannot be read (${systemCodeOf(error) ?? sentenceOf(error)})`
      return refuse('secret.missing', `the file ${path} ${why}`)
    }
  }
}
