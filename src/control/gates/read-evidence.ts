// The evidence of a release's gates, as its signed manifest names it: read, and held against its digest.
import type { ContentStore } from '../../build/artifacts/content-store.ts'
import { type Digest, digestOf } from '../../foundation/digest.ts'
import { LockstepError, sentenceOf } from '../../foundation/errors.ts'
import { type EvidenceDocument, readEvidence } from '../../verify/gates/evidence-document.ts'

/** Throws `gates.no_evidence` when it is not there, is not what was signed, or is no such document. */
export async function evidenceAt(
  content: Pick<ContentStore, 'read'>,
  digest: Digest,
  whose: string,
): Promise<EvidenceDocument> {
  const bytes = await content.read(digest).catch((error: unknown) => {
    throw noEvidence(whose, sentenceOf(error))
  })
  if (digestOf(bytes) !== digest)
    throw noEvidence(whose, `its bytes are not what was signed (${digestOf(bytes)}, not ${digest})`)
  const document = readEvidence(parsed(bytes))
  if (document) return document
  throw noEvidence(whose, `${digest} is no gate evidence that this version can read`)
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}

function noEvidence(whose: string, because: string): LockstepError {
  return new LockstepError({
    code: 'gates.no_evidence',
    kind: 'precondition',
    message: `the gate evidence of ${whose} cannot be used: ${because}`,
    hint: 'bring the release again: lockstep pull, or lockstep release import',
  })
}
