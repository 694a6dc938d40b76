// A list of checks in a file of its own, YAML or JSON: what `lockstep data check --list` reads.
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import { LockstepError, sentenceOf } from '../foundation/errors.ts'
import { checkLine } from './dataset-schema.ts'
import type { RawCheck } from './gate-spec.ts'
import { rawChecks } from './raw-checks.ts'

export async function readCheckList(path: string): Promise<readonly RawCheck[]> {
  try {
    const lines = checkLine.array().parse(parse(await readFile(path, 'utf8')))
    return lines.flatMap((line) => rawChecks(line, null))
  } catch (error) {
    throw new LockstepError({
      code: 'data.check_list',
      kind: 'invalid',
      message: `${path} is no list of checks: ${sentenceOf(error).split('\n')[0]}`,
      hint: 'Write a YAML list, one check per line: - rows >= 50_000',
      cause: error,
    })
  }
}
