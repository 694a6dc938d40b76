// What people wrote about the model, for its card: MODEL_CARD.md in the project, if there is one.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LockstepError, sentenceOf, systemCodeOf } from '../../foundation/errors.ts'

const statementFile = 'MODEL_CARD.md'

export async function readStatement(projectDir: string): Promise<string | null> {
  try {
    return await readFile(join(projectDir, statementFile), 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return null
    throw new LockstepError({
      code: 'run.statement_unreadable',
      kind: 'invalid',
      message: `${statementFile} cannot be read: ${sentenceOf(error)}`,
      hint: 'make it a plain text file, or remove it: a model card does without',
      cause: error,
    })
  }
}
