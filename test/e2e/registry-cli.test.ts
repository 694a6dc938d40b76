// From one project to another by the command line: over a real registry, and as one file without any network.
import { cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Ended, lockstep } from './lockstep-process.ts'
import { isMissing, openRealRegistry } from './real-registry.ts'
import { smallProjects } from './small-project.ts'

const small = smallProjects()

async function succeeded(work: Promise<Ended>): Promise<string> {
  const { code, stdout, stderr } = await work
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' })
  return stdout
}

/** Both projects sign with one key, as two machines of one team do. */
async function sharedKey(from: string, to: string): Promise<void> {
  await mkdir(join(to, '.lockstep'), { recursive: true })
  await cp(join(from, '.lockstep/keys'), join(to, '.lockstep/keys'), { recursive: true })
}

describe.skipIf(isMissing('docker-registry'))('a release', () => {
  test('travels by registry and by file, and is refused where nobody trusts its key', async () => {
    const registry = await openRealRegistry()
    onTestFinished(() => registry.remove())
    const [here, there, stranger] = [await small(), await small(), await small()]
    const place = `${registry.host}/income:1`
    await succeeded(lockstep(here.dir, 'run'))
    const pushed = await succeeded(lockstep(here.dir, 'push', '1', place, '--json'))
    expect(JSON.parse(pushed)).toMatchObject({ release: 1, isNew: true })
    expect(await succeeded(lockstep(here.dir, 'push', '1', place))).toContain('0 blobs sent (0 B)')

    const refused = await lockstep(stranger.dir, 'pull', place)
    expect(refused.code).toBe(5)
    expect(refused.stderr).toMatch(/signed by sha256:\w+, which is not a trusted key/)

    await sharedKey(here.dir, there.dir)
    expect(await succeeded(lockstep(there.dir, 'pull', place))).toContain('every part verifies')
    expect(await succeeded(lockstep(there.dir, 'pull', place))).toContain('already here')
    expect(await succeeded(lockstep(there.dir, 'verify', '1'))).toContain('✓ verified')

    const file = join(there.dir, 'income.tar')
    await succeeded(lockstep(there.dir, 'release', 'export', '1', '-o', file))
    await succeeded(lockstep(here.dir, 'release', 'export', '1', '-o', 'own.tar'))
    expect((await readFile(file)).equals(await readFile(join(here.dir, 'own.tar')))).toBe(true)
    const key = join(here.dir, '.lockstep/keys/release-ed25519.pub.pem')
    expect(await succeeded(lockstep('/', 'verify', file, '--key', key))).toContain('✓ verified')
    expect(await succeeded(lockstep('/', 'verify', place, '--key', key))).toContain('✓ verified')

    const foreign = await lockstep(stranger.dir, 'verify', file)
    expect(foreign).toMatchObject({ code: 11 })
    expect(foreign.stdout).toMatch(/✗ failed\s+signature/)

    const bytes = await readFile(file)
    bytes[bytes.length - 3000] = (bytes[bytes.length - 3000] ?? 0) ^ 1
    await writeFile(file, bytes)
    expect((await lockstep('/', 'verify', file, '--key', key)).code).not.toBe(0)

    await sharedKey(here.dir, stranger.dir)
    const damaged = await lockstep(stranger.dir, 'release', 'import', file)
    expect(damaged.code).not.toBe(0)
    expect(JSON.parse(await succeeded(lockstep(stranger.dir, 'releases', '--json')))).toEqual([])
    const whole = join(here.dir, 'own.tar')
    expect(await succeeded(lockstep(stranger.dir, 'release', 'import', whole))).toContain(
      'every part verifies',
    )
  })
})
