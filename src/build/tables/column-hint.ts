// The hint for a column that is not there.
import { didYouMean } from '../../project/problems.ts'

export function columnHint(wanted: string, present: readonly string[]): string {
  const near = didYouMean(wanted, present)
  const list = `Columns present: ${present.join(', ')}.`
  return near === undefined ? list : `Did you mean ${near}? ${list}`
}
