// A document for people or other tools, written where the user says, with an error that names the file.
import { writeFile } from 'node:fs/promises'
import { LockstepError, systemCodeOf } from '../foundation/errors.ts'

export async function writeDocument(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text)
  } catch (error) {
    throw new LockstepError({
      code: 'cli.unwritable',
      kind: 'invalid',
      message: `${path} cannot be written (${systemCodeOf(error) ?? 'unknown reason'})`,
      hint: 'choose another file with -o',
      cause: error,
    })
  }
}
