// Releases in a hostile world: archives that lie, damaged objects, registries that break, a model changed before it should serve.
// Everything is refused by name, nothing is half-written, and what serves goes on serving.
import { chmod, cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import type { VerifyView } from '../../src/api/contract/package-routes.ts'
import type { ReleaseView, RunView } from '../../src/api/contract/views.ts'
import { freshSeed, randomStream } from '../../src/foundation/random.ts'
import { encodeHeader, padding } from '../../src/release/package/tar-header.ts'
import { answer, leftovers, lockstep } from './lockstep-process.ts'
import { looking, promoted, releaseInStaging, run, serve } from './served-project.ts'
import { type SmallProject, smallProjects } from './small-project.ts'

const seed = process.env.LOCKSTEP_SEED ?? freshSeed()
const random = randomStream(seed, 'bad-luck-releases')
const make = smallProjects()
let project: SmallProject
let archive: Buffer
let digest: string

beforeAll(async () => {
  console.info(`seed ${seed} (repeat with LOCKSTEP_SEED=${seed})`)
  project = await make()
  const made = await answer<RunView>(project.dir, 'run')
  const exported = await lockstep(project.dir, 'release', 'export', '1', '-o', 'good.tar')
  expect([made.code, exported.code]).toEqual([0, 0])
  digest = (await releasesOf(project.dir))[0]?.digest ?? ''
  archive = await readFile(join(project.dir, 'good.tar'))
})

/** Another project of the same team: it trusts the key, and has no release yet. */
async function neighbour(): Promise<SmallProject> {
  const there = await make()
  await mkdir(join(there.dir, '.lockstep'), { mode: 0o700 })
  await cp(join(project.dir, '.lockstep/keys'), join(there.dir, '.lockstep/keys'), {
    recursive: true,
  })
  return there
}

const releasesOf = async (dir: string) => (await answer<ReleaseView[]>(dir, 'releases')).document

/** One bit of one byte. */
function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes)
  changed[at] = (changed[at] ?? 0) ^ 4
  return changed
}

/** A header says what it wants; its checksum is right. */
function entry(name: string, size: number, type = '0', link = ''): Buffer {
  const header = encodeHeader({ name, size, mode: '0644' })
  header.write(type, 156, 'latin1')
  header.write(link, 157, 'latin1')
  header.fill(' ', 148, 156)
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return header
}

const withBytes = (header: Buffer, text: string) =>
  Buffer.concat([header, Buffer.from(text), Buffer.alloc(padding(text.length))])

describe('an archive that lies', () => {
  test('one changed bit, wherever it is, and it is not taken in', async () => {
    const key = join(project.dir, '.lockstep/keys/release-ed25519.pub.pem')
    const there = await neighbour()
    const bad = join(there.dir, 'bad.tar')
    for (let sample = 0; sample < 10; sample++) {
      const at = random.below(archive.length)
      await writeFile(bad, flipped(archive, at))
      const verified = await lockstep('/', 'verify', bad, '--key', key)
      expect([at, verified.code]).toEqual([at, expect.toBeOneOf([2, 11])])
    }
    const imported = await lockstep(there.dir, 'release', 'import', bad)
    expect(imported.code).toBeOneOf([2, 5])
    expect(imported.stderr).toMatch(
      /^error: .*bad\.tar (was not taken in|is no intact release archive): /,
    )
    expect(await releasesOf(there.dir)).toEqual([])
    const whole = join(project.dir, 'good.tar')
    expect((await lockstep(there.dir, 'release', 'import', whole)).code).toBe(0)
    expect((await releasesOf(there.dir)).map((one) => one.digest)).toEqual([digest])
  })

  test.each<[string, () => Buffer, RegExp]>([
    ['no tar', () => Buffer.from('hello\n'.repeat(300)), /a header does not fit its checksum/],
    ['compressed', () => gzipSync(archive), /a header does not fit its checksum/],
    ['empty', () => Buffer.alloc(0), /it is cut off/],
    ['cut short', () => archive.subarray(0, archive.length / 2), /it is cut off: blobs\/sha256/],
    [
      'a path that leaves the folder',
      () => Buffer.concat([withBytes(entry('../../evil', 3), 'abc'), archive]),
      /"\.\.\/\.\.\/evil" is not a plain relative path/,
    ],
    [
      'an absolute path',
      () => Buffer.concat([withBytes(entry('/tmp/evil', 3), 'abc'), archive]),
      /"\/tmp\/evil" is not a plain relative path/,
    ],
    [
      'a link',
      () => Buffer.concat([entry('blobs/sha256/x', 0, '2', '/etc/passwd'), archive]),
      /is a symbolic link/,
    ],
    ['a device', () => Buffer.concat([entry('null', 0, '3'), archive]), /is a device/],
    [
      'one name twice',
      () => Buffer.concat([withBytes(entry('index.json', 2), '{}'), archive]),
      /it holds index\.json twice/,
    ],
    [
      'a gigabyte that is not there',
      () => Buffer.concat([entry(`blobs/sha256/${'a'.repeat(64)}`, 2 ** 30), archive]),
      /should have 1073741824 bytes, the file ends after/,
    ],
  ])('%s', async (_, bytes, sentence) => {
    const file = join(project.dir, 'bad.tar')
    await writeFile(file, bytes())
    const { code, stderr } = await lockstep(project.dir, 'verify', file)
    expect(code).toBe(2)
    expect(stderr).toMatch(/bad\.tar is no intact release archive: /)
    expect(stderr).toMatch(sentence)
  })

  test('a folder, and nothing at all', async () => {
    const folder = await lockstep(project.dir, 'release', 'import', project.dir)
    expect(folder.stderr).toContain('is no intact release archive: it is a folder, not a file')
    const nothing = await lockstep(project.dir, 'release', 'import', 'nothing.tar')
    expect(nothing.stderr).toMatch(/^error: there is no file .*nothing\.tar/)
  })
})

/** Changes an object in its place, as a failing disk or a stranger does it. */
async function damage(dir: string, object: string, change: (bytes: Buffer) => Buffer) {
  const hex = object.slice('sha256:'.length)
  const path = join(dir, '.lockstep/objects/sha256', hex.slice(0, 2), hex.slice(2))
  const bytes = await readFile(path)
  await chmod(path, 0o644)
  await writeFile(path, change(bytes))
}

type Detailed = ReleaseView & { readonly manifest: unknown }

const manifestOf = (release: Detailed) =>
  release.manifest as {
    readonly artifact: { readonly digest: string }
    readonly gates: { readonly evidence: string }
  }

describe('a damaged object of a release', () => {
  test.each<[string, (release: Detailed) => string, (bytes: Buffer) => Buffer]>([
    ['its record', (release) => release.digest, (bytes) => flipped(bytes, 100)],
    [
      'its model',
      (release) => manifestOf(release).artifact.digest,
      (bytes) => bytes.subarray(0, 1000),
    ],
  ])('%s: it is refused by name, and the next run makes a whole one', async (_, which, change) => {
    const { dir } = await make()
    expect((await lockstep(dir, 'run')).code).toBe(0)
    const { document: release } = await answer<Detailed>(dir, 'releases', '1')
    const object = which(release)
    await damage(dir, object, change)
    const { code, document } = await answer<VerifyView>(dir, 'verify', '1')
    expect([code, document.verified]).toEqual([11, false])
    expect(JSON.stringify(document.parts.filter(({ ok }) => !ok))).toContain(object.slice(7, 19))
    expect((await lockstep(dir, 'release', 'export', '1', '-o', 'x.tar')).code).not.toBe(0)
    expect((await readdir(dir)).filter((name) => name.startsWith('x.tar'))).toEqual([])
    const again = await answer<RunView>(dir, 'run')
    expect([again.code, again.document.phase, again.document.release?.number]).toEqual([
      0,
      'succeeded',
      2,
    ])
    expect((await lockstep(dir, 'verify', '2')).code).toBe(0)
    expect(await leftovers(dir)).toEqual([])
  })
})

/** A registry that lets every upload begin, and then does this with the bytes. */
async function badRegistry(
  put: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<string> {
  const server = createServer((request, response) => {
    if (request.method === 'PUT' || request.method === 'PATCH') return put(request, response)
    request.resume()
    const [status, headers] =
      request.method === 'POST'
        ? [202, { location: '/upload' }]
        : [request.url === '/v2/' ? 200 : 404, {}]
    response.writeHead(status, headers).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`
}

describe('a registry', () => {
  test.each<[string, number, string, (request: IncomingMessage, response: ServerResponse) => void]>(
    [
      [
        'is full',
        1,
        'answered 507',
        (request, response) => void request.resume().on('end', () => response.writeHead(507).end()),
      ],
      [
        'does not know us',
        9,
        'does not let us write',
        (request, response) =>
          void request
            .resume()
            .on('end', () =>
              response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end(),
            ),
      ],
      [
        'speaks of something else',
        5,
        'answered 418',
        (request, response) =>
          void request.resume().on('end', () => response.writeHead(418).end('<html>')),
      ],
    ],
  )('that %s', async (_, code, says, put) => {
    const host = await badRegistry(put)
    const pushed = await lockstep(project.dir, 'push', '1', `${host}/income:1`)
    expect(pushed.code).toBe(code)
    expect(pushed.stderr).toContain(host)
    expect(pushed.stderr).toContain(says)
    expect(pushed.stderr).not.toMatch(/bug|at .*\.ts:/)
  })

  test.each(['Big/Letters:1', 'host', 'localhost:5000/../x:1', 'localhost:5000/a:b c'])(
    'no registry has a place like %s',
    async (place) => {
      const { code, stderr } = await lockstep(project.dir, 'push', '1', place)
      expect(code).toBe(2)
      expect(stderr).toContain('it must read REGISTRY/REPOSITORY[:TAG] in lower case')
    },
  )
})

test('a model changed after sealing never serves: quarantine, and the old release goes on', async () => {
  const served = await serve(await make())
  onTestFinished(async () => {
    served.up.signalGroup('SIGINT')
    expect((await served.up.ended).code).toBe(0)
    expect(await leftovers(served.project.dir)).toEqual([])
  })
  const dana = served.as('dana')
  const first = await releaseInStaging(served)
  await dana.hold('staging', { because: 'a look at the model first' })
  await served.project.edit('params.yaml', (text) => text.replace('C: 1', 'C: 2'))
  const second = (await run(served)).release
  const tampered = await dana.release(second?.id ?? '')
  await damage(served.project.dir, manifestOf(tampered).artifact.digest, (bytes) =>
    flipped(bytes, random.below(bytes.length)),
  )
  await dana.clearHold('staging', { because: 'it may go' })
  await looking('quarantine', async () => {
    const seen = await dana.release(tampered.id)
    return seen.phase === 'quarantined' && seen
  })
  const { stdout } = await lockstep(served.project.dir, 'events', '--limit', '1000', '--json')
  expect(stdout).toContain('the model was changed after sealing')
  const health = await fetch(`http://127.0.0.1:${served.project.ports.staging}/v2/health/ready`)
  expect(health.status).toBe(200)
  await looking('the end of its promotion', async () => {
    const { environments } = await dana.status()
    const staging = environments.find(({ name }) => name === 'staging')
    return staging?.stable?.id === first.id && staging.candidate === null
  })
  expect(await promoted(served, tampered.id, 'staging', 'succeeded')).toBeUndefined()
})
