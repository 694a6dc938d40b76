// The card's facts out of the content store.
import type { Digest } from '../../foundation/digest.ts'
import type { ReleaseManifest } from '../manifest.ts'
import type { CardFacts } from './card-facts.ts'

/** Null for a release that was sealed without them, or with facts of a form this Lockstep does not know: its card is then bare. */
export async function readCardFacts(
  { card }: ReleaseManifest,
  read: (digest: Digest) => Promise<Buffer>,
): Promise<CardFacts | null> {
  if (card === null) return null
  const facts = parsed((await read(card)).toString('utf8'))
  return isCardFacts(facts) ? facts : null
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}

/** The manifest's signature covers the document, so its parts are as whoever sealed it wrote them. */
function isCardFacts(value: unknown): value is CardFacts {
  if (typeof value !== 'object' || value === null) return false
  const { version, gates, model, statement } = value as Partial<CardFacts>
  return version === 1 && Array.isArray(gates) && Boolean(model) && Boolean(statement)
}
