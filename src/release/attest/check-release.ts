// Everything a release consists of, checked part by part: what `lockstep verify` shows. Unlike the check before serving it
// goes on after a "no", and it also reads the code and what was attested.
import { decodeTree } from '../../build/artifacts/artifact.ts'
import type { Digest } from '../../foundation/digest.ts'
import { isRefusal, type Refusal } from '../../foundation/refusal.ts'
import type { Attestation } from '../attestations.ts'
import type { ReadManifest } from '../manifest.ts'
import {
  documentsOf,
  type VerifyReleaseRequest,
  verifyBytes,
  verifyHash,
  verifyManifest,
  verifyModel,
  verifySigned,
} from '../verify-release.ts'
import { checkAttestations } from './check-attestations.ts'
import type { CheckedPart } from './checked-part.ts'

export interface CheckReleaseRequest extends VerifyReleaseRequest {
  /** All that is stored for it. */
  readonly attestations: readonly Attestation[]
}

/** In the order a person would ask: is it what was sealed, who signed it, is what it rests on still there. */
export async function checkRelease(request: CheckReleaseRequest): Promise<readonly CheckedPart[]> {
  const read = await verifyManifest(request)
  if (isRefusal(read)) return [refused('manifest', read)]
  const parts: CheckedPart[] = [held('manifest', request.release.manifestDigest)]
  parts.push(said('model', await verifyModel(request, read.manifest), request.release.modelDigest))
  parts.push(await checkSignature(request, read))
  for (const { part, digest } of documentsOf(read)) {
    const bytes = await verifyBytes(request, part, digest)
    if (isRefusal(bytes)) parts.push(refused(part, bytes))
    else
      parts.push(
        held(part, digest),
        ...(part === 'code tree' ? await checkTree(request, bytes, 'code') : []),
      )
  }
  parts.push(...(await checkFolder(request, read)))
  for (const { lockPath, lock } of read.manifest.environment.runtimes) {
    const part = `lock file ${lockPath}`
    parts.push(said(part, await verifyHash(request, part, lock), lock))
  }
  parts.push(...(await checkAttestations(request, read.manifest)))
  return parts
}

/** The same digest twice is read once by the store's cache at most; here clarity counts. */
async function checkTree(
  request: CheckReleaseRequest,
  bytes: Uint8Array,
  whose: string,
): Promise<readonly CheckedPart[]> {
  const entries = decodeTree(Buffer.from(bytes).toString('utf8'))
  if (isRefusal(entries))
    return [
      { part: `${whose} tree`, ok: false, because: `it is no list of files: ${entries.because}` },
    ]
  const parts: CheckedPart[] = []
  for (const { path, digest } of entries) {
    const part = `${whose} file ${path}`
    parts.push(said(part, await verifyHash(request, part, digest), digest))
  }
  return parts
}

async function checkFolder(
  request: CheckReleaseRequest,
  { manifest }: ReadManifest,
): Promise<readonly CheckedPart[]> {
  const { folder } = manifest.artifact
  if (folder === null) return []
  const bytes = await verifyBytes(request, 'model folder', folder.digest)
  if (isRefusal(bytes)) return [refused('model folder', bytes)]
  return [held('model folder', folder.digest), ...(await checkTree(request, bytes, 'model'))]
}

async function checkSignature(
  request: CheckReleaseRequest,
  read: ReadManifest,
): Promise<CheckedPart> {
  const keyId = await verifySigned(request, read)
  if (isRefusal(keyId)) return refused('signature', keyId)
  return { part: 'signature', ok: true, because: `the trusted key ${keyId} signed this manifest` }
}

function said(part: string, refusal: Refusal | undefined, digest: Digest): CheckedPart {
  return refusal ? refused(part, refusal) : held(part, digest)
}

function held(part: string, digest: Digest): CheckedPart {
  return { part, ok: true, because: `its bytes have the sealed digest ${digest}` }
}

function refused(part: string, { because }: Refusal): CheckedPart {
  return { part, ok: false, because }
}
