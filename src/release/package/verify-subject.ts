// `lockstep verify` for what lies outside the store: an archive or a place in a registry, with nothing but keys. Works without a project and, for a file, without a network.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isRefusal } from '../../foundation/refusal.ts'
import type { CheckedPart } from '../attest/checked-part.ts'
import { notAPackage, openArchive } from './archive-file.ts'
import type { BlobShelf } from './blob-shelf.ts'
import { checkPackage, type PackageTrust } from './check-package.ts'
import { openLayoutFolder } from './layout-folder.ts'
import { openPackage } from './open-package.ts'
import { fetchPackage, findPackage } from './pull-package.ts'
import type { Transfer } from './push-release.ts'
import type { RegistrySession } from './registry-session.ts'

export interface VerifiedSubject {
  readonly subject: string
  /** `release 3 (quiet-otter)`, as it calls itself. */
  readonly release: string
  readonly digest: string
  readonly verified: boolean
  readonly parts: readonly CheckedPart[]
}

/** Throws when the file is no release archive at all; a release that does not hold is an answer. */
export async function verifyArchive(file: string, trust: PackageTrust): Promise<VerifiedSubject> {
  return verifyShelf(await openArchive(file), trust)
}

/** Everything is fetched to be checked, into a folder of its own that is removed again. */
export async function verifyInRegistry(
  session: RegistrySession,
  trust: PackageTrust,
  told: (transfer: Transfer) => void,
): Promise<VerifiedSubject> {
  const root = await mkdtemp(join(tmpdir(), 'lockstep-verify-'))
  try {
    const layout = await openLayoutFolder(root)
    const found = await findPackage(session, layout)
    await fetchPackage({ session, layout, found, told })
    return await verifyShelf(found.shelf, trust)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

export async function verifyShelf(shelf: BlobShelf, trust: PackageTrust): Promise<VerifiedSubject> {
  const opened = await openPackage(shelf)
  if (isRefusal(opened)) throw notAPackage(shelf.name, opened)
  const parts = await checkPackage(shelf, opened, trust)
  const { number, alias, manifestDigest } = opened.claims
  return {
    subject: shelf.name,
    release: `release ${number} (${alias})`,
    digest: manifestDigest,
    verified: parts.every((part) => part.ok),
    parts,
  }
}
