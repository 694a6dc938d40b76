// What is said about a release after its manifest was fixed: signatures, provenance, gate results, rebuild reports. Append-only;
// nothing here changes the release's identity.
import type { Instant } from '../foundation/clock.ts'
import type { Digest } from '../foundation/digest.ts'
import type { Database } from '../store/schema.ts'

export type AttestationKind =
  | 'envelope'
  | 'model-signature'
  | 'provenance'
  | 'gates'
  | 'card'
  | 'rebuild'
  | 'sbom'
  | 'dataset'

export interface Attestation {
  /** The release it speaks of: the digest of its manifest. */
  readonly release: Digest
  readonly kind: AttestationKind
  /** Of the stored bytes. */
  readonly mediaType: string
  /** Its bytes in the content store. */
  readonly digest: Digest
  /** Bytes. */
  readonly size: number
  readonly addedAt: Instant
}

export interface AttestationStore {
  /** Adding what is there already changes nothing. */
  add(attestation: Attestation): Promise<void>
  /** Oldest first. */
  of(release: Digest): Promise<readonly Attestation[]>
}

export function createAttestationStore(db: Database): AttestationStore {
  return {
    async add({ release, kind, mediaType, digest, size, addedAt }) {
      await db
        .insertInto('attestations')
        .values({
          ...{ release_digest: release, kind, media_type: mediaType, digest, size },
          added_at: addedAt,
        })
        .onConflict((conflict) => conflict.doNothing())
        .execute()
    },
    async of(release) {
      const rows = await db
        .selectFrom('attestations')
        .selectAll()
        .where('release_digest', '=', release)
        .orderBy('added_at')
        .orderBy('kind')
        .orderBy('digest')
        .execute()
      return rows.map((row) => ({
        release,
        kind: row.kind as AttestationKind,
        mediaType: row.media_type,
        digest: row.digest as Digest,
        size: row.size,
        addedAt: row.added_at,
      }))
    },
  }
}
