// Releases in a real registry: Debian's docker-registry holds them, and oras, crane and modctl, which know nothing of Lockstep, read them.
import { createHash } from 'node:crypto'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { Clock } from '../../src/foundation/clock.ts'
import { systemClock } from '../../src/foundation/system-clock.ts'
import { mediaTypes } from '../../src/release/package/oci.ts'
import { fetchPackage, findPackage } from '../../src/release/package/pull-package.ts'
import { pushRelease } from '../../src/release/package/push-release.ts'
import { receiveRelease } from '../../src/release/package/receive-release.ts'
import { credentialsFor } from '../../src/release/package/registry-credentials.ts'
import { parseReference } from '../../src/release/package/registry-reference.ts'
import { openSession } from '../../src/release/package/registry-session.ts'
import { key } from '../../src/release/sample-release.ts'
import {
  EagerClock,
  modelBytes,
  openProject,
  type Project,
  packSample,
  shelfOf,
} from '../integration/release/package-stage.ts'
import { isMissing, openRealRegistry, type RealRegistry, ran } from './real-registry.ts'

const noRegistry = isMissing('docker-registry')
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

async function running(htpasswd?: string): Promise<RealRegistry> {
  const registry = await openRealRegistry(htpasswd)
  onTestFinished(() => registry.remove())
  return registry
}

async function folder(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'lockstep-judge-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  return dir
}

interface Place {
  readonly host: string
  readonly dockerFolder?: string
  readonly repository?: string
  readonly clock?: Clock
}

async function visit(place: Place, wish: 'pull' | 'pull,push') {
  const reference = parseReference(`${place.host}/${place.repository ?? 'income'}:3`, 'never')
  const credentials = await credentialsFor(reference.host, {
    ...{ user: null, password: null, dockerFolder: place.dockerFolder ?? '/nowhere', path: '' },
  })
  const session = openSession({
    ...{
      reference,
      credentials,
      wish,
      clock: place.clock ?? systemClock,
      signal: new AbortController().signal,
    },
  })
  onTestFinished(() => session.close())
  return session
}

async function push(
  project: Project,
  place: Place,
  extra: { mountFrom?: string; pieceBytes?: number; told?: () => void } = {},
) {
  const packed = await packSample(project)
  const { told = () => {}, ...how } = extra
  const session = await visit(place, 'pull,push')
  return {
    packed,
    ...(await pushRelease({ session, packed, shelf: shelfOf(project, packed), told, ...how })),
  }
}

describe.skipIf(noRegistry)('docker-registry', () => {
  test('gives back what it was given, byte for byte', async () => {
    const registry = await running()
    const here = await openProject()
    const { packed } = await push(here, registry)
    const there = await openProject()
    const session = await visit(registry, 'pull')
    const found = await findPackage(session, there.layout)
    await fetchPackage({ session, layout: there.layout, found, told: () => {} })
    const trust = { trustedKeys: [key.trusted] }
    const { release } = await receiveRelease({
      ...there,
      ...found,
      trust,
      actor: 'person:olga',
      model: 'income',
    })
    expect(await there.content.read(release.modelDigest)).toEqual(modelBytes)
    expect(found.opened.root.digest).toBe(packed.root.digest)
  })

  test('killed in the middle of a push: pushing again sends only what is missing', async () => {
    const registry = await running()
    const here = await openProject()
    const packed = await packSample(here)
    let pieces = 0
    const broken = push(
      here,
      { ...registry, clock: new EagerClock() },
      {
        pieceBytes: 20_000,
        told: () => {
          pieces += 1
          if (pieces === 12) void registry.kill()
        },
      },
    )
    await expect(broken).rejects.toThrow(
      /no manifest or tag was written|the connection to .* broke/,
    )
    await registry.start()
    const again = await push(here, registry)
    expect(again.isNew).toBe(true)
    expect(again.blobs.there).toBeGreaterThan(0)
    expect(again.blobs.sent + again.blobs.there).toBe(packed.blobs.length)
    expect((await push(here, registry)).bytesSent).toBe(0)
  })

  test('big files are mounted from another repository instead of sent', async () => {
    const registry = await running()
    const here = await openProject()
    await push(here, registry)
    const second = await push(here, { ...registry, repository: 'copy' }, { mountFrom: 'income' })
    expect(second.blobs).toEqual({ sent: 0, mounted: second.packed.blobs.length, there: 0 })
  })

  test('with passwords: what docker login keeps opens it, anything else changes nothing', async () => {
    // `secret`, by bcrypt.
    const registry = await running(
      'olga:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n',
    )
    const dockerFolder = await folder()
    const login = (password: string) =>
      writeFile(
        join(dockerFolder, 'config.json'),
        JSON.stringify({
          auths: { [registry.host]: { auth: Buffer.from(`olga:${password}`).toString('base64') } },
        }),
      )
    const here = await openProject()
    await expect(push(here, registry)).rejects.toThrow('without credentials')
    await login('guess')
    await expect(push(here, { ...registry, dockerFolder })).rejects.toThrow(/as olga.*answered 401/)
    await login('secret')
    expect((await push(here, { ...registry, dockerFolder })).blobs.there).toBe(0)
  })
})

describe.skipIf(noRegistry || isMissing('oras'))('oras', () => {
  test('pulls the model and finds the signature and evidence from it', async () => {
    const registry = await running()
    const { packed } = await push(await openProject(), registry)
    const dir = await folder()
    await ran('oras', ['pull', '--plain-http', `${registry.host}/income:3`], dir)
    expect(sha256(await readFile(join(dir, 'model/model.onnx')))).toBe(sha256(modelBytes))
    expect(await readFile(join(dir, 'README.md'), 'utf8')).toBe('# The card of this model\n')
    const words = ['discover', '--plain-http', '--format', 'json', `${registry.host}/income:3`]
    const tree = await ran('oras', words, dir)
    for (const { digest } of packed.referrers) expect(tree).toContain(digest)
  })

  test('reads the layout folder as it lies on disk', async () => {
    const here = await openProject()
    const { root } = await packSample(here)
    const at = `${here.layout.root}@${root.digest}`
    const seen = await ran('oras', ['manifest', 'fetch', '--oci-layout', at], here.dir)
    expect(sha256(Buffer.from(seen))).toBe(root.digest.slice('sha256:'.length))
  })
})

describe.skipIf(noRegistry || isMissing('crane'))('crane', () => {
  test('accepts the whole model and reads the same manifest', async () => {
    const registry = await running()
    const { packed } = await push(await openProject(), registry)
    const place = `${registry.host}/income:3`
    const dir = await folder()
    expect((await ran('crane', ['digest', '--insecure', place], dir)).trim()).toBe(
      packed.root.digest,
    )
    const weight = packed.blobs.find(({ mediaType }) => mediaType === mediaTypes.weight)
    const blob = `${registry.host}/income@${weight?.digest}`
    expect(await ran('crane', ['blob', '--insecure', blob], dir)).toBe(modelBytes.toString())
    await ran('crane', ['copy', '--insecure', place, `${registry.host}/copied:3`], dir)
  })
})

describe.skipIf(noRegistry || isMissing('modctl'))('modctl, the client of ModelPack', () => {
  test('extracts model, card and code to where they belong', async () => {
    const registry = await running()
    await push(await openProject(), registry)
    const dir = await folder()
    const out = join(dir, 'out')
    const words = [
      'pull',
      '--no-progress',
      '--plain-http',
      '--extract-from-remote',
      '--extract-dir',
      out,
    ]
    const own = ['--log-dir', join(dir, 'logs'), '--storage-dir', join(dir, 'storage')]
    await ran('modctl', [...words, ...own, `${registry.host}/income:3`], dir)
    expect(sha256(await readFile(join(out, 'model/model.onnx')))).toBe(sha256(modelBytes))
    expect(await readFile(join(out, 'model/MLmodel'), 'utf8')).toBe('flavors: {onnx: {}}\n')
    expect(await readFile(join(out, 'code/src/train.py'), 'utf8')).toBe('print("training")\n')
    expect(await readFile(join(out, 'README.md'), 'utf8')).toBe('# The card of this model\n')
  })
})
