// An error as a part of the reason of a check.
import { isLockstepError, sentenceOf } from '../../foundation/errors.ts'

/** What is wrong, then what to do, without the last full stop. */
export function sentenceWithHint(error: unknown): string {
  const sentence = sentenceOf(error).replace(/\.$/, '')
  if (!isLockstepError(error) || error.hint === undefined) return sentence
  const hint = error.hint.replace(/\.$/, '')
  return `${sentence} (${hint.charAt(0).toLowerCase()}${hint.slice(1)})`
}
