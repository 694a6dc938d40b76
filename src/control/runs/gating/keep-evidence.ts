// Evidence outlives its run: every check of every gate with the numbers its verdict can be computed from again, as one document.
import { canonicalJson } from '../../../foundation/canonical-json.ts'
import type { Digest } from '../../../foundation/digest.ts'
import type { EvidenceDocument } from '../../../verify/gates/evidence-document.ts'
import type { RunWorld } from '../run-world.ts'

export function keepEvidence(
  world: RunWorld,
  facts: Pick<EvidenceDocument, 'verdict' | 'gates' | 'datasets' | 'judged' | 'figures'>,
): Promise<Digest> {
  const document: EvidenceDocument = { version: 2, ...facts }
  return world.content.putBytes(canonicalJson(document))
}
