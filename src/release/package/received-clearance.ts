// What the gates of a release that was made elsewhere left to people: read from the evidence its signed manifest names, because a
// question that was open there is not answered by being sent.
import type { Digest } from '../../foundation/digest.ts'
import { clearanceOf } from '../../verify/gates/clearance.ts'
import { readEvidence } from '../../verify/gates/evidence-document.ts'
import { grantorsOf } from '../../verify/gates/waivers.ts'
import type { ReleaseManifest } from '../manifest.ts'
import type { ReleaseClearance } from '../release.ts'

type ReadObject = (digest: Digest) => Promise<Uint8Array>

/** Undefined when its gates decided everything by themselves. */
export async function receivedClearance(
  { gates }: ReleaseManifest,
  read: ReadObject,
): Promise<ReleaseClearance | undefined> {
  if (gates.verdict === 'pass') return undefined
  const document = await readDocument(gates.evidence, read)
  if (document === undefined) return { undecided: unreadable(gates.verdict), waivedBy: [] }
  const clearance = clearanceOf(
    document.gates.flatMap(({ name, checks }) =>
      checks.map(({ verdict, because, settings, undecided }) => ({
        ...{ gate: name, verdict, because },
        onInsufficient: settings?.onInsufficient ?? 'approve',
        isUndecided: undecided === true,
      })),
    ),
  )
  const waivedBy = grantorsOf(document)
  if (clearance.by === 'gates' && waivedBy.length === 0) return undefined
  const undecided =
    clearance.by === 'person'
      ? clearance.undecided
      : clearance.by === 'nobody'
        ? clearance.because
        : null
  return { undecided, waivedBy }
}

async function readDocument(digest: Digest, read: ReadObject) {
  const bytes = await read(digest).catch(() => undefined)
  if (bytes === undefined) return undefined
  try {
    return readEvidence(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch {
    return undefined
  }
}

const unreadable = (verdict: string) =>
  `they ended with '${verdict}' where it was made, and their evidence cannot be read here`
