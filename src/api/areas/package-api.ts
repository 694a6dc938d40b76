// Moving releases: registries, archives, verification of what came from elsewhere, as one caller sees it.
import { holdingObjects } from '../../control/keeping/hold-objects.ts'
import { packageRelease } from '../../control/runs/package-release.ts'
import { isLockstepError, LockstepError } from '../../foundation/errors.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { notAPackage, openArchive, writeArchive } from '../../release/package/archive-file.ts'
import { type LayoutFolder, openLayoutFolder } from '../../release/package/layout-folder.ts'
import { openPackage } from '../../release/package/open-package.ts'
import type { PackedRelease } from '../../release/package/pack-release.ts'
import { fetchPackage, findPackage } from '../../release/package/pull-package.ts'
import { pushRelease, type Transfer } from '../../release/package/push-release.ts'
import {
  believe,
  knownRelease,
  type ReceivedRelease,
  type ReceiveRequest,
  receiveRelease,
} from '../../release/package/receive-release.ts'
import { credentialsFor } from '../../release/package/registry-credentials.ts'
import { parseReference } from '../../release/package/registry-reference.ts'
import { openSession, type RegistrySession } from '../../release/package/registry-session.ts'
import {
  verifyArchive,
  verifyInRegistry,
  verifyShelf,
} from '../../release/package/verify-subject.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import type { Actor } from '../../store/object.ts'
import type { ApiWorld } from '../api-world.ts'
import type {
  ExportInput,
  ExportView,
  PackageApi,
  PushInput,
  PushView,
  ReceivedView,
  RegistryInput,
  VerifyInput,
  VerifyView,
} from '../contract/package-routes.ts'
import type { Listener } from '../contract/route.ts'
import { byIdOrNumber, modelOf } from '../queries.ts'

export function createPackageApi(world: ApiWorld, actor: Actor): PackageApi {
  return {
    pushRelease: (release, input, listener) =>
      holdingObjects(world, `the push of release ${release}`, () =>
        push(world, release, input, listener),
      ),
    pullRelease: (input, listener) =>
      holdingObjects(world, `the pull of ${input.registry}`, () =>
        pull(world, actor, input, listener),
      ),
    exportRelease: (release, input, listener) =>
      holdingObjects(world, `the export of release ${release}`, () =>
        exportTo(world, release, input, listener),
      ),
    importRelease: (input, listener) =>
      holdingObjects(world, `the import of ${input.file}`, () =>
        importFrom(world, actor, input, listener),
      ),
    verifyPackage: (input, listener) =>
      holdingObjects(world, 'a verification', () => verify(world, input, listener)),
  }
}

async function push(
  world: ApiWorld,
  name: string,
  input: PushInput,
  listener: Listener,
): Promise<PushView> {
  return inRegistry(world, input, { wish: 'pull,push', listener }, async (session) => {
    const { release, layout, packed } = await pack(world, name)
    const pushed = await pushRelease({
      ...{ session, packed, mountFrom: input.mountFrom },
      shelf: layout.shelf(layout.root, [packed.root, ...packed.referrers]),
      told: tellBytes(listener, 'sending'),
    })
    const { number, alias } = release
    const { digest } = packed.root
    return { release: number, alias, reference: session.reference.text, digest, ...pushed }
  })
}

async function pull(
  world: ApiWorld,
  actor: Actor,
  input: RegistryInput,
  listener: Listener,
): Promise<ReceivedView> {
  return inRegistry(world, input, { wish: 'pull', listener }, async (session) => {
    const layout = await layoutOf(world)
    const found = await findPackage(session, layout)
    const request = await receiveRequest(world, actor, { ...found, layout })
    const { manifest } = await believe(request)
    const known = await knownRelease(world.store, found.opened)
    if (known)
      return receivedView({ release: known, isNew: false, manifest }, session.reference.text, 0)
    const told = tellBytes(listener, 'fetching')
    const bytesFetched = await fetchPackage({ session, layout, found, told })
    const received = await receiveRelease(request)
    if (received.isNew) await layout.list(found.shelf.index)
    return receivedView(received, session.reference.text, bytesFetched)
  })
}

async function exportTo(
  world: ApiWorld,
  name: string,
  { file }: ExportInput,
  listener: Listener,
): Promise<ExportView> {
  const { release, layout, packed } = await pack(world, name)
  const size = await writeArchive({
    shelf: layout.shelf(layout.root, [packed.root, ...packed.referrers]),
    blobs: packed.blobs,
    file,
    told: (done, total) =>
      listener.told({ sentence: `writing ${file}`, done, total, unit: 'bytes' }),
    signal: listener.signal,
  })
  return { release: release.number, alias: release.alias, file, size, digest: packed.root.digest }
}

async function importFrom(
  world: ApiWorld,
  actor: Actor,
  { file }: ExportInput,
  listener: Listener,
): Promise<ReceivedView> {
  listener.told({ sentence: `checking ${file}`, done: null, total: null, unit: null })
  const shelf = await openArchive(file)
  const opened = await openPackage(shelf)
  if (isRefusal(opened)) throw notAPackage(file, opened)
  const layout = await layoutOf(world)
  const received = await receiveRelease(
    await receiveRequest(world, actor, { shelf, opened, layout }),
  )
  const bytes = opened.blobs.reduce((sum, blob) => sum + blob.size, 0)
  return receivedView(received, file, received.isNew ? bytes : 0)
}

async function verify(
  world: ApiWorld,
  { release, file, registry }: VerifyInput,
  listener: Listener,
): Promise<VerifyView> {
  const trust = await world.packageTrust()
  if (file !== undefined) return verifyArchive(file, trust)
  if (registry !== undefined)
    return inRegistry(world, registry, { wish: 'pull', listener }, (session) =>
      verifyInRegistry(session, trust, tellBytes(listener, 'fetching')),
    )
  const found: Release = await byIdOrNumber(world, releaseKind, release ?? '')
  const name = `release ${found.number} (${found.alias})`
  const packaged = await packageRelease(world.runWorld(), found).catch((error) =>
    damageOf(error, found, name),
  )
  if ('verified' in packaged) return packaged
  const { layout, packed } = packaged
  // A key that was retired since still counts for what this project had recorded by then.
  const ours = await world.trust.of(found)
  return verifyShelf(layout.shelf(name, [packed.root, ...packed.referrers]), ours)
}

/** A release with a damaged object cannot be packed any more: that is the answer, not a failure to answer. */
function damageOf(error: unknown, { digest }: Release, name: string): VerifyView {
  if (!isLockstepError(error) || !/^build\.object_(corrupt|missing)$/.test(error.code)) throw error
  const object = String(error.details.digest ?? '')
  const part = `stored object ${object.slice(7, 19)}`
  const parts = [{ part, ok: false, because: error.message }]
  return { subject: name, release: name, digest, verified: false, parts }
}

async function pack(
  world: ApiWorld,
  name: string,
): Promise<{ release: Release; layout: LayoutFolder; packed: PackedRelease }> {
  const release: Release = await byIdOrNumber(world, releaseKind, name)
  return { release, ...(await packageRelease(world.runWorld(), release)) }
}

function layoutOf(world: ApiWorld): Promise<LayoutFolder> {
  return openLayoutFolder(world.runWorld().folder.packages)
}

async function receiveRequest(
  world: ApiWorld,
  actor: Actor,
  found: Pick<ReceiveRequest, 'shelf' | 'opened' | 'layout'>,
): Promise<ReceiveRequest> {
  const { store, content, clock } = world
  const { attestations } = world.runWorld()
  const trust = await world.packageTrust()
  return { ...found, store, content, clock, attestations, trust, actor, model: modelOf(world) }
}

function receivedView(
  { release, isNew, manifest }: ReceivedRelease,
  from: string,
  bytesFetched: number,
): ReceivedView {
  const { number, alias, id, digest, signedBy } = release
  const originalProject = manifest.project
  return {
    release: number,
    alias,
    id,
    digest,
    from,
    originalProject,
    signedBy,
    isNew,
    bytesFetched,
  }
}

interface Talk {
  readonly wish: 'pull' | 'pull,push'
  readonly listener: Listener
}

async function inRegistry<Answer>(
  world: ApiWorld,
  input: RegistryInput,
  { wish, listener }: Talk,
  work: (session: RegistrySession) => Promise<Answer>,
): Promise<Answer> {
  const { user, password } = input
  if ((user === undefined) !== (password === undefined)) throw halfGiven()
  const reference = parseReference(input.registry, input.insecure ? 'allowed' : 'never')
  const given = user !== undefined && password !== undefined ? { user, password } : {}
  const credentials = await credentialsFor(reference.host, { ...world.registryAccess, ...given })
  const { clock } = world
  const session = openSession({ reference, credentials, clock, signal: listener.signal, wish })
  try {
    return await work(session)
  } finally {
    session.close()
  }
}

function tellBytes(listener: Listener, verb: string): (transfer: Transfer) => void {
  return ({ name, done, total }) =>
    listener.told({ sentence: `${verb} ${name}`, done, total, unit: 'bytes' })
}

function halfGiven(): LockstepError {
  return new LockstepError({
    code: 'registry.half_credentials',
    kind: 'invalid',
    message: 'a user was given without a password, or a password without a user',
    hint: 'set both LOCKSTEP_REGISTRY_USER and LOCKSTEP_REGISTRY_PASSWORD',
  })
}
