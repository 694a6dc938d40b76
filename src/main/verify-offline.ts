// `lockstep verify` with keys instead of a project: for whoever receives a release and has nothing else.
import { readFile } from 'node:fs/promises'
import type { VerifyView } from '../api/contract/package-routes.ts'
import type { OfflineVerification } from '../cli/world.ts'
import { systemClock } from '../foundation/system-clock.ts'
import { unreadable } from '../release/package/blob-shelf.ts'
import { credentialsFor } from '../release/package/registry-credentials.ts'
import { parseReference } from '../release/package/registry-reference.ts'
import { openSession } from '../release/package/registry-session.ts'
import { verifyArchive, verifyInRegistry } from '../release/package/verify-subject.ts'
import { trustedKeysFrom } from '../release/signing.ts'
import { registryAccess } from './registry-access.ts'

export async function verifyOffline(
  request: OfflineVerification,
  env: NodeJS.ProcessEnv,
): Promise<VerifyView> {
  const trustedKeys = await Promise.all(
    request.keys.map(async (path) => {
      const pem = await readFile(path, 'utf8').catch((error) => {
        throw unreadable(path, error)
      })
      return trustedKeysFrom(pem, path)
    }),
  )
  const trust = { trustedKeys: trustedKeys.flat() }
  if ('file' in request.subject) return verifyArchive(request.subject.file, trust)
  const { registry, insecure = false } = request.subject
  const reference = parseReference(registry, insecure ? 'allowed' : 'never')
  const session = openSession({
    reference,
    credentials: await credentialsFor(reference.host, registryAccess(env)),
    clock: systemClock,
    signal: request.signal,
    wish: 'pull',
  })
  try {
    return await verifyInRegistry(session, trust, ({ name, done, total }) =>
      request.told({ sentence: `fetching ${name}`, done, total, unit: 'bytes' }),
    )
  } finally {
    session.close()
  }
}
