// Keys that sign releases, and which of them are trusted: methods, routes, inputs and views of this part of the API. Browser-safe.
import { z } from 'zod'
import type { RouteTable } from './route.ts'

export interface KeyView {
  readonly keyId: string
  readonly algorithm: 'ed25519' | 'ecdsa-p256'
  readonly phase: 'trusted' | 'retired' | 'revoked'
  /** What it signs on this machine now; null for a key that signs elsewhere, or no more. */
  readonly signs: 'releases' | 'models' | 'releases and models' | null
  readonly origin: 'made' | 'given' | 'added' | 'declared'
  readonly because: string
  readonly by: string
  /** ISO 8601; null for a declared key nobody has recorded. */
  readonly knownSince: string | null
  readonly end: { readonly because: string; readonly by: string; readonly at: string } | null
  /** Numbers of the releases it sealed. */
  readonly releases: readonly number[]
  readonly publicKeyPem: string
}

export interface KeysView {
  readonly keys: readonly KeyView[]
  /** Files that lockstep.yaml names under trust and that give no key. */
  readonly unreadable: readonly { readonly path: string; readonly because: string }[]
}

export interface TrustKeyInput {
  /** One or more public keys. */
  readonly pem: string
  readonly because: string
}

export interface KeyWordInput {
  readonly because: string
}

export interface RevokedView {
  readonly key: KeyView
  /** Have no signature that counts any more: they start nowhere until they are signed again. */
  readonly releases: readonly number[]
  /** Of those, what stays up where it is: `production serves 3`. */
  readonly serving: readonly string[]
}

export interface ResignedView {
  readonly release: number
  readonly alias: string
  readonly digest: string
  readonly keyId: string
  /** Empty when today's keys have signed all of it already. */
  readonly added: readonly { readonly kind: string; readonly digest: string }[]
}

export interface AttestationView {
  readonly kind: string
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  /** What kind of statement is signed in it; null for what is no signed statement. */
  readonly predicateType: string | null
  /** Null for the envelope that the release was sealed with. */
  readonly addedAt: string | null
  /** The document itself; null when it is no small text. */
  readonly text: string | null
}

export interface TrustApi {
  /** Everything that is signed or said about a release, its own envelope first. */
  attestations(release: string): Promise<AttestationView[]>
  keys(): Promise<KeysView>
  trustKeys(input: TrustKeyInput): Promise<KeyView[]>
  /** New keys sign from now on; answers with them. */
  rotateKeys(input: KeyWordInput): Promise<KeyView[]>
  revokeKey(key: string, input: KeyWordInput): Promise<RevokedView>
  /** Adds signatures by today's keys; the release stays the same. */
  resignRelease(release: string, input: KeyWordInput): Promise<ResignedView>
}

export const trustRoutes: RouteTable<TrustApi> = {
  attestations: { method: 'GET', path: '/api/releases/:release/attestations' },
  keys: { method: 'GET', path: '/api/keys' },
  trustKeys: { method: 'POST', path: '/api/keys' },
  rotateKeys: { method: 'POST', path: '/api/keys/rotate' },
  revokeKey: { method: 'POST', path: '/api/keys/:key/revoke' },
  resignRelease: { method: 'POST', path: '/api/releases/:release/resign' },
}

const because = z.string().min(1).max(2000)

export const trustInputs: Partial<Record<keyof TrustApi, z.ZodType>> = {
  trustKeys: z.strictObject({ pem: z.string().min(1).max(100_000), because }),
  rotateKeys: z.strictObject({ because }),
  revokeKey: z.strictObject({ because }),
  resignRelease: z.strictObject({ because }),
}
