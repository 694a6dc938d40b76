// Whether the verdicts of an earlier run would be the same today although its inputs are: a champion may have come since, and a
// waiver may have ended. Pure.
import type { Digest } from '../../../foundation/digest.ts'
import type { CheckResult } from '../../../verify/gates/check-result.ts'
import type { EvidenceDocument } from '../../../verify/gates/evidence-document.ts'

export interface Today {
  /** ISO date. */
  readonly date: string
  /** What serves now; null before anything does. */
  readonly champion: { readonly releaseId: string; readonly digest: Digest } | null
  /** What the earlier run made. */
  readonly releaseId: string
}

/** A model is not asked to be better than itself: that its own release serves now changes nothing. */
export function standsToday(
  { gates, judged }: Pick<EvidenceDocument, 'gates' | 'judged'>,
  { date, champion, releaseId }: Today,
): boolean {
  const checks = gates.flatMap((gate) => gate.checks)
  if (checks.some(({ waiver }) => waiver !== undefined && waiver.until < date)) return false
  if (champion?.releaseId === releaseId) return true
  if ((champion?.digest ?? null) === (judged?.champion?.digest ?? null)) return true
  return !checks.some(asksForChampion)
}

/** In the words of the check; a drift check that names no reference means the champion. */
function asksForChampion({ text, written, spec }: CheckResult): boolean {
  if (spec?.kind === 'data' && spec.check.rule === 'drift') return spec.check.vs === 'champion'
  return /\bchampion\b/.test(`${text} ${written}`)
}
