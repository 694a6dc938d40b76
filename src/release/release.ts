// A release: numbered, immutable, signed. Its content never changes; its phase says whether it may be promoted.
import type { Digest } from '../foundation/digest.ts'
import { defineKind, type StoredObject } from '../store/object.ts'

interface ReleaseFacts extends StoredObject {
  readonly environment: null
  readonly number: number
  /** For people: adjective-animal, from the digest. */
  readonly alias: string
  /** The release's identity: sha256 of the manifest's canonical JSON. */
  readonly digest: Digest
  /** Where the content store keeps the manifest; equal to `digest`. */
  readonly manifestDigest: Digest
  readonly envelopeDigest: Digest
  readonly modelDigest: Digest
  /** The monitoring baseline; rolling back restores it too. */
  readonly profileDigest: Digest | null
  readonly runId: string
  readonly signedBy: string
  /** What the gates left to people; absent when they decided everything by themselves. */
  readonly clearance?: ReleaseClearance
}

export interface ReleaseClearance {
  /** What stayed undecided, in words: no machine moves this release. Null when nothing did. */
  readonly undecided: string | null
  /** Who granted a waiver it rests on; their approval does not count. */
  readonly waivedBy: readonly string[]
}

/** A person's or the system's word against a release. */
export interface Objection {
  readonly because: string
  readonly by: string
  /** The code of the refusal, when a check objected. */
  readonly refused?: string
}

export type Release = ReleaseFacts &
  (
    | { readonly phase: 'building' | 'sealed' | 'retired' | 'archived' }
    | { readonly phase: 'blocked' | 'quarantined' | 'yanked'; readonly objection: Objection }
  )

/** Only `sealed` may be promoted or served; `quarantined` is for a release whose integrity is in doubt. */
export const releaseKind = defineKind<Release>({
  name: 'release',
  initial: ['building', 'sealed'],
  transitions: {
    building: ['sealed'],
    sealed: ['blocked', 'quarantined', 'yanked', 'retired'],
    blocked: ['sealed', 'quarantined', 'yanked', 'retired'],
    quarantined: ['sealed', 'yanked'],
    retired: ['sealed', 'archived'],
    yanked: [],
    archived: [],
  },
})

/** `release 3 (quiet-otter)`. */
export function releaseName(release: { readonly number: number; readonly alias: string }): string {
  return `release ${release.number} (${release.alias})`
}
