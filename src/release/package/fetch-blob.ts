// One blob from a registry into the layout: digest-checked, continued where an earlier attempt broke off, and never visible before it is whole and right.
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, stat, unlink } from 'node:fs/promises'
import { isDiskTrouble, storeUnwritable } from '../../build/artifacts/file-errors.ts'
import { LockstepError } from '../../foundation/errors.ts'
import type { LayoutFolder } from './layout-folder.ts'
import type { Descriptor } from './oci.ts'
import { interrupted, type RegistrySession } from './registry-session.ts'

export interface FetchBlob {
  readonly session: RegistrySession
  readonly layout: LayoutFolder
  readonly blob: Descriptor
  readonly name: string
  readonly told: (arrived: number) => void
}

const mostIdle = 5

export async function fetchBlob(request: FetchBlob): Promise<'there' | 'fetched'> {
  const { session, layout, blob, name, told } = request
  if ((await layout.locate(blob.digest))?.size === blob.size) {
    told(blob.size)
    return 'there'
  }
  if (blob.size === 0) {
    await layout.putBytes(Buffer.alloc(0))
    return 'fetched'
  }
  const draft = layout.draftOf(blob.digest)
  const running: RunningHash = { hash: createHash('sha256'), size: 0 }
  let idle = 0
  let spoiled = 0
  for (;;) {
    const before = await sizeOf(draft)
    if (before < blob.size) await fetchRest(request, { draft, from: before, running })
    const arrived = await sizeOf(draft)
    if (arrived === blob.size) {
      const found = await digestOfDraft(draft, running)
      if (found === blob.digest) break
      await unlink(draft)
      running.size = -1
      // Once may be a leftover of a broken transfer; twice it is what the registry sends.
      if (before === 0 || spoiled++ > 0) throw differs(request, found)
      continue
    }
    if (arrived > blob.size) await unlink(draft)
    if (session.signal.aborted) throw interrupted(session, { doing: `fetching ${name}` })
    idle = arrived > before ? 0 : idle + 1
    if (idle === mostIdle) throw keepsBreaking(request, arrived)
    await session.clock.sleep(250 * 2 ** idle, session.signal)
  }
  await layout.adopt(blob.digest, draft)
  told(blob.size)
  return 'fetched'
}

/** Follows the bytes as they are written, so that they need not be read again. */
interface RunningHash {
  hash: Hash
  size: number
}

interface Rest {
  readonly draft: string
  readonly from: number
  readonly running: RunningHash
}

/** Appends what comes; a break is no error here, the caller sees how far it got. */
async function fetchRest(request: FetchBlob, { draft, from, running }: Rest): Promise<void> {
  const { session, blob, name, told } = request
  const reply = await session.ask({
    ...{ method: 'GET', at: `blobs/${blob.digest}`, doing: `fetching ${name}` },
    headers: from > 0 ? { range: `bytes=${from}-${blob.size - 1}` } : {},
    expect: [200, 206, 416],
  })
  const continues =
    reply.status === 206 && reply.header('content-range')?.startsWith(`bytes ${from}-`) === true
  if (reply.status === 416 || (reply.status === 206 && !continues)) {
    reply.body.destroy()
    await unlink(draft).catch(() => {})
    return
  }
  // A registry that ignores ranges sends all of it again.
  const file = await open(draft, continues ? 'a' : 'w').catch((error) => {
    throw storeUnwritable(error, draft)
  })
  let arrived = continues ? from : 0
  if (arrived === 0) Object.assign(running, { hash: createHash('sha256'), size: 0 })
  const follows = running.size === arrived
  try {
    for await (const chunk of reply.body as AsyncIterable<Buffer>) {
      arrived += chunk.length
      if (arrived > blob.size) break
      await file.write(chunk)
      if (follows) {
        running.hash.update(chunk)
        running.size = arrived
      }
      told(arrived)
    }
  } catch (error) {
    if (isDiskTrouble(error)) throw storeUnwritable(error, draft)
  } finally {
    await file.close()
  }
  if (arrived <= blob.size) return
  reply.body.destroy()
  await unlink(draft)
  throw differs(request, 'more bytes than stated')
}

/** A draft that an earlier process began is read again. */
async function digestOfDraft(path: string, running: RunningHash): Promise<string> {
  const { size } = await stat(path)
  if (running.size === size) return `sha256:${running.hash.digest('hex')}`
  const hash: Hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return `sha256:${hash.digest('hex')}`
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (seen) => seen.size,
    () => 0,
  )
}

function differs({ session, blob, name }: FetchBlob, found: string): LockstepError {
  return new LockstepError({
    code: 'registry.blob_differs',
    kind: 'precondition',
    message: `${session.reference.host} sent other bytes for ${name} (${blob.digest}): ${found}; they were thrown away`,
    hint: 'the registry is damaged or lying: push the release again from where it was made',
  })
}

function keepsBreaking({ session, blob, name }: FetchBlob, arrived: number): LockstepError {
  return new LockstepError({
    code: 'registry.keeps_breaking',
    kind: 'unavailable',
    message: `fetching ${name} from ${session.reference.host} broke off ${mostIdle} times at ${arrived} of ${blob.size} bytes`,
    hint: 'try again: it goes on where it broke off',
  })
}
