// The card's facts out of the content store.
import type { Digest } from '../../foundation/digest.ts'
import type { ReleaseManifest } from '../manifest.ts'
import type { CardFacts } from './card-facts.ts'

/** Null for a release that was sealed without them. */
export async function readCardFacts(
  { card }: ReleaseManifest,
  read: (digest: Digest) => Promise<Buffer>,
): Promise<CardFacts | null> {
  return card === null ? null : (JSON.parse((await read(card)).toString('utf8')) as CardFacts)
}
