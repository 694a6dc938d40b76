// Pushing to and pulling from registries that behave, and from those that do not.
import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { fetchPackage, findPackage } from '../../../src/release/package/pull-package.ts'
import { pushRelease } from '../../../src/release/package/push-release.ts'
import { believe, receiveRelease } from '../../../src/release/package/receive-release.ts'
import type { Credentials } from '../../../src/release/package/registry-credentials.ts'
import { parseReference } from '../../../src/release/package/registry-reference.ts'
import { openSession } from '../../../src/release/package/registry-session.ts'
import { key } from '../../../src/release/sample-release.ts'
import { type FakeRegistry, openFakeRegistry, send } from './fake-registry.ts'
import {
  EagerClock,
  modelBytes,
  openProject,
  type Project,
  packSample,
  shelfOf,
} from './package-stage.ts'

interface Visit {
  readonly credentials?: Credentials
  readonly clock?: EagerClock
  readonly pieceBytes?: number
  readonly host?: string
}

function visit(
  registry: FakeRegistry,
  wish: 'pull' | 'pull,push',
  { credentials, clock, host }: Visit,
) {
  return openSession({
    reference: parseReference(`${host ?? registry.host}/income:3`, 'never'),
    ...{
      credentials,
      wish,
      clock: clock ?? new EagerClock(),
      signal: new AbortController().signal,
    },
  })
}

async function push(registry: FakeRegistry, project: Project, how: Visit = {}) {
  const session = visit(registry, 'pull,push', how)
  const packed = await packSample(project)
  const { pieceBytes = 64_000 } = how
  const shelf = shelfOf(project, packed)
  return pushRelease({ session, packed, shelf, pieceBytes, told: () => {} }).finally(() =>
    session.close(),
  )
}

async function pull(registry: FakeRegistry, project: Project, how: Visit = {}) {
  const session = visit(registry, 'pull', how)
  const { layout } = project
  try {
    const found = await findPackage(session, layout)
    const trust = { trustedKeys: [key.trusted] }
    const request = { ...project, ...found, trust, actor: 'person:olga' as const, model: 'income' }
    await believe(request)
    await fetchPackage({ session, layout, found, told: () => {} })
    return await receiveRelease(request)
  } finally {
    session.close()
  }
}

const modelDigest = `sha256:${createHash('sha256').update(modelBytes).digest('hex')}`
const isUpload = (request: IncomingMessage) =>
  request.method === 'PATCH' && Number(request.headers['content-length']) > 10_000

describe.each(['api', 'none', 'half'] as const)('a registry with referrers: %s', (referrers) => {
  test('gets a release once, gives it back whole', async () => {
    const registry = await openFakeRegistry({ referrers })
    const here = await openProject()
    const first = await push(registry, here)
    expect(first).toMatchObject({ isNew: true, referrers: referrers === 'api' ? 'api' : 'tag' })
    expect(first.blobs.there).toBe(0)
    const again = await push(registry, here)
    expect(again).toMatchObject({ isNew: false, bytesSent: 0, manifestsSent: 0 })

    const there = await openProject()
    const { release, isNew } = await pull(registry, there)
    expect(isNew).toBe(true)
    expect(await there.content.read(release.modelDigest)).toEqual(modelBytes)
    expect(await there.attestations.of(release.digest)).toHaveLength(1)
    expect(await readdir(join(there.layout.root, 'drafts'))).toEqual([])
  })
})

test('the tag is the very last thing written', async () => {
  const registry = await openFakeRegistry({ referrers: 'none' })
  await push(registry, await openProject())
  const writes = registry.asked.filter((line) => line.startsWith('PUT'))
  expect(writes.at(-1)).toBe('PUT /v2/income/manifests/3')
  const firstManifest = writes.findIndex((line) => line.includes('/manifests/'))
  expect(writes.slice(firstManifest).every((line) => line.includes('/manifests/'))).toBe(true)
})

test('referrers of other people under the tag stay', async () => {
  const registry = await openFakeRegistry({ referrers: 'none' })
  const here = await openProject()
  const { root } = await packSample(here)
  const foreign = {
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: `sha256:${'7'.repeat(64)}`,
    size: 7,
  }
  const tag = root.digest.replace(':', '-')
  const list = { schemaVersion: 2, manifests: [foreign] }
  registry.manifests.set(tag, {
    bytes: Buffer.from(JSON.stringify(list)),
    type: 'application/vnd.oci.image.index.v1+json',
  })
  await push(registry, here)
  expect(registry.manifests.get(tag)?.bytes.toString()).toContain(foreign.digest)
  expect(JSON.parse(registry.manifests.get(tag)?.bytes.toString() ?? '').manifests).toHaveLength(3)
})

describe('broken connections', () => {
  test('a push goes on where it broke off', async () => {
    let breaks = 3
    const registry = await openFakeRegistry({
      before: (request, response) => {
        if (!isUpload(request) || breaks-- <= 0) return false
        response.destroy()
        return true
      },
    })
    await push(registry, await openProject())
    expect(registry.blobs.get(modelDigest)).toEqual(modelBytes)
    expect(
      registry.asked.filter((line) => line.startsWith('GET') && line.includes('uploads')).length,
    ).toBe(3)
  })

  test('a registry that cannot say what it has gets the blob from its beginning', async () => {
    let breaks = 2
    const registry = await openFakeRegistry({
      uploadStatus: 'none',
      before: (request, response) => {
        if (!isUpload(request) || breaks-- <= 0) return false
        response.destroy()
        return true
      },
    })
    await push(registry, await openProject())
    expect(registry.blobs.get(modelDigest)).toEqual(modelBytes)
  })

  test('a registry that always breaks off ends in words, without manifest or tag', async () => {
    const registry = await openFakeRegistry({
      before: (request, response) => {
        if (!isUpload(request)) return false
        response.destroy()
        return true
      },
    })
    await expect(push(registry, await openProject())).rejects.toThrow(
      /sending model\/model.onnx to 127.0.0.1:\d+ failed 6 times; no manifest or tag was written/,
    )
    expect(registry.manifests.size).toBe(0)
  })

  test.each(['honoured', 'ignored'] as const)(
    'a pull goes on where it broke off, ranges %s',
    async (ranges) => {
      let breaks = 2
      const registry = await openFakeRegistry({
        ranges,
        before: (request, response) => {
          if (request.method !== 'GET' || !request.url?.endsWith(modelDigest) || breaks-- <= 0)
            return false
          const from = Number(/bytes=(\d+)/.exec(request.headers.range ?? '')?.[1] ?? 0)
          const partial = from > 0 && ranges === 'honoured'
          const begin = partial ? from : 0
          response.writeHead(partial ? 206 : 200, {
            'content-length': modelBytes.length - begin,
            ...(partial
              ? { 'content-range': `bytes ${from}-${modelBytes.length - 1}/${modelBytes.length}` }
              : {}),
          })
          response.write(modelBytes.subarray(begin, begin + 100_000), () => response.destroy())
          return true
        },
      })
      await push(registry, await openProject())
      const there = await openProject()
      const { release } = await pull(registry, there)
      expect(await there.content.read(release.modelDigest)).toEqual(modelBytes)
    },
  )
})

test('a busy registry is waited for as long as it asks', async () => {
  let busy = 2
  const registry = await openFakeRegistry({
    before: (request, response) => {
      if (request.method !== 'POST' || busy-- <= 0) return false
      send(response, 429, { 'retry-after': '7' })
      return true
    },
  })
  const clock = new EagerClock()
  await push(registry, await openProject(), { clock })
  expect(clock.slept).toBe(14_000)
})

describe('a lying registry', () => {
  test('sends other bytes for the model: they are thrown away and nothing is recorded', async () => {
    const registry = await openFakeRegistry({
      blobOf: (digest, bytes) =>
        digest === modelDigest ? Buffer.alloc(bytes.length, 'evil') : bytes,
    })
    await push(registry, await openProject())
    const there = await openProject()
    await expect(pull(registry, there)).rejects.toThrow(/sent other bytes for model\/model.onnx/)
    expect(await there.store.events({})).toEqual([])
    expect(await readdir(join(there.layout.root, 'drafts'))).toEqual([])
  })

  test('sends more than it stated', async () => {
    const registry = await openFakeRegistry({
      blobOf: (digest, bytes) => (digest === modelDigest ? Buffer.concat([bytes, bytes]) : bytes),
    })
    await push(registry, await openProject())
    await expect(pull(registry, await openProject())).rejects.toThrow('more bytes than stated')
  })

  test('sends another manifest', async () => {
    const registry = await openFakeRegistry()
    const here = await openProject()
    await push(registry, here)
    const { root } = await packSample(here)
    const kept = registry.manifests.get('3')
    if (kept) registry.manifests.set('3', { ...kept, bytes: Buffer.from(`${kept.bytes} `) })
    const there = await openProject()
    await expect(pull(registry, there)).rejects.toThrow(
      /is no release: .*no Lockstep release record/,
    )
    expect(root.digest).toMatch(/^sha256:/)
  })
})

describe('who we are', () => {
  const olga: Credentials = { kind: 'password', user: 'olga', password: 'secret' }
  const basic = `Basic ${Buffer.from('olga:secret').toString('base64')}`

  test('Basic, and with wrong credentials nothing is written', async () => {
    const registry = await openFakeRegistry({
      before: (request, response) => {
        if (request.headers.authorization === basic) return false
        request.resume()
        send(response, 401, { 'www-authenticate': 'Basic realm="x"' })
        return true
      },
    })
    const here = await openProject()
    await push(registry, here, { credentials: olga })
    const written = registry.manifests.size
    const wrong: Credentials = { kind: 'password', user: 'eve', password: 'guess' }
    await expect(push(registry, here, { credentials: wrong })).rejects.toThrow(
      /does not let us write income as eve: .* answered 401; nothing was changed/,
    )
    await expect(push(registry, here)).rejects.toThrow('without credentials')
    expect(registry.manifests.size).toBe(written)
  })

  test('a token from the token server, asked for once and again when it has run out', async () => {
    let tokens = 0
    let uses = 0
    const registry: FakeRegistry = await openFakeRegistry({
      before: (request, response) => {
        const url = new URL(request.url ?? '', 'http://x')
        if (url.pathname === '/token') {
          const right = request.headers.authorization === basic
          const scope = url.searchParams.get('scope')
          const asked =
            scope === 'repository:income:pull,push' && url.searchParams.get('service') === 'reg'
          tokens += 1
          send(response, right && asked ? 200 : 401, {}, Buffer.from(`{"token":"t${tokens}"}`))
          return true
        }
        if (request.headers.authorization === `Bearer t${tokens}` && uses++ !== 12) return false
        request.resume()
        send(response, 401, {
          'www-authenticate': `Bearer realm="http://${registry.host}/token",service="reg"`,
        })
        return true
      },
    })
    await push(registry, await openProject(), { credentials: olga })
    expect(tokens).toBe(2)
    expect(registry.manifests.has('3')).toBe(true)
  })
})

test('a redirect to a blob store is followed without telling it who we are', async () => {
  const told: (string | undefined)[] = []
  const shop = await openFakeRegistry({
    before: (request) => {
      told.push(request.headers.authorization)
      return false
    },
  })
  const registry = await openFakeRegistry({
    before: (request, response) => {
      if (request.headers.authorization === undefined) {
        request.resume()
        send(response, 401, { 'www-authenticate': 'Basic realm="x"' })
        return true
      }
      if (request.method !== 'GET' || !request.url?.includes('/blobs/sha256')) return false
      send(response, 307, { location: `http://${shop.host}${request.url}` })
      return true
    },
  })
  const credentials: Credentials = { kind: 'password', user: 'olga', password: 'secret' }
  await push(registry, await openProject(), { credentials })
  for (const [digest, bytes] of registry.blobs) shop.blobs.set(digest, bytes)
  const { isNew } = await pull(registry, await openProject(), { credentials })
  expect(isNew).toBe(true)
  expect(told.length).toBeGreaterThan(5)
  expect(new Set(told)).toEqual(new Set([undefined]))
})

test('a place where nothing is', async () => {
  const registry = await openFakeRegistry()
  await expect(pull(registry, await openProject())).rejects.toThrow(
    /there is no 127.0.0.1:\d+\/income:3/,
  )
})
