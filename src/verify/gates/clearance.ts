// What may become of a model after its gates: it is cleared, a person must decide, or it is refused. Pure.
import { mayPromote, type Verdict } from '../statistics/verdict.ts'
import type { OnInsufficient } from './check-spec.ts'

export interface GatedCheck {
  readonly gate: string
  readonly verdict: Verdict
  readonly because: string
  /** What the check says about staying undecided. */
  readonly onInsufficient: OnInsufficient
  /** It warns only because it stayed undecided, which is no answer. */
  readonly isUndecided: boolean
}

export type Clearance =
  | { readonly by: 'gates' }
  /** Nothing said no, but something stayed open: no machine moves such a release. */
  | { readonly by: 'person'; readonly undecided: string }
  | { readonly by: 'nobody'; readonly because: string; readonly isError: boolean }

const nothingDecided =
  'no gate decided anything, and a release needs at least one check that holds: add some under gates: in lockstep.yaml'

/** What cannot be read is told by every check of it, and need be said once. */
function sentences(checks: readonly GatedCheck[]): string {
  const told = [...Map.groupBy(checks, ({ because }) => because)].map(([because, alike]) => {
    const gates = [...new Set(alike.map(({ gate }) => gate))]
    return `${gates.length === 1 ? 'gate' : 'gates'} ${gates.join(', ')}: ${because}`
  })
  return told.join('; ')
}

/** Skipped checks neither clear nor block; an error or a fail always blocks; doubt does what its check declares. */
export function clearanceOf(checks: readonly GatedCheck[]): Clearance {
  const asked = checks.filter(({ verdict }) => verdict !== 'skipped')
  const isOpen = ({ verdict, onInsufficient }: GatedCheck) =>
    verdict === 'insufficient' && onInsufficient === 'approve'
  const blocking = asked.filter((check) => !mayPromote(check.verdict) && !isOpen(check))
  if (blocking.length > 0) {
    const isError = blocking.every(({ verdict }) => verdict === 'error')
    return { by: 'nobody', because: sentences(blocking), isError }
  }
  // Doubt that may only warn stands beside what was decided; alone it says nothing about the model.
  if (asked.every(({ isUndecided }) => isUndecided))
    return {
      by: 'nobody',
      because: asked.length === 0 ? nothingDecided : `${nothingDecided} (${sentences(asked)})`,
      isError: false,
    }
  const open = asked.filter(isOpen)
  return open.length === 0 ? { by: 'gates' } : { by: 'person', undecided: sentences(open) }
}
