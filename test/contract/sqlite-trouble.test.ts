// SQLite in a file when things go wrong: the writer is killed, the disk is full, the file is damaged or may not be written.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { randomStream } from '../../src/foundation/random.ts'
import { systemClock } from '../../src/foundation/system-clock.ts'
import { verifyChain } from '../../src/store/event-chain.ts'
import { createObjectStore } from '../../src/store/object-store.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { lamp, lampKind, saved } from './lamp.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-trouble-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a writer killed at ten random moments loses nothing it has acknowledged', async () => {
  const path = join(folder, 'lockstep.db')
  const moments = randomStream(Date.now(), 'kill')
  const acknowledged: string[] = []
  for (let life = 0; life < 10; life++) {
    acknowledged.push(...(await writeUntilKilled(path, life, moments.below(60))))
    const db = await openSqlite(path)
    const store = createObjectStore(db, systemClock)
    const kept = await store.list(lampKind, { limit: 1_000_000 })
    const ids = new Set(kept.map((one) => one.id))
    expect(acknowledged.filter((id) => !ids.has(id))).toEqual([])
    // One commit per life may have landed without its word getting out; never half of one.
    expect(kept.length - acknowledged.length).toBeLessThanOrEqual(life + 1)
    expect(await verifyChain(db)).toMatchObject({ intact: true, events: kept.length })
    await db.destroy()
  }
  expect(acknowledged.length).toBeGreaterThan(10)
})

async function writeUntilKilled(path: string, life: number, afterMs: number): Promise<string[]> {
  const script = new URL('./committing-process.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [script, path, String(life)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (part: Buffer) => {
    said += part.toString()
  })
  await once(child.stdout, 'data')
  await systemClock.sleep(afterMs)
  child.kill('SIGKILL')
  await once(child, 'close')
  return said.split('\n').slice(0, -1)
}

test('a full disk is said so, nothing of the commit is kept, and writing goes on once there is room', async (context) => {
  const disk = join(folder, 'disk')
  await mkdir(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    return context.skip('a small disk cannot be mounted here')
  }
  try {
    const ballast = join(disk, 'ballast')
    await writeFile(ballast, Buffer.alloc(1_000_000))
    const db = await openSqlite(join(disk, 'lockstep.db'))
    const store = createObjectStore(db, systemClock)
    let made = 0
    const fill = async () => {
      for (; made < 1000; made++) {
        const object = lamp(`lamp-${made}`, { colour: 'x'.repeat(20_000) })
        await store.commit({ changes: [saved(object, null)] })
      }
    }
    await expect(fill()).rejects.toMatchObject({
      code: 'store.disk_full',
      kind: 'unavailable',
      message: expect.stringContaining(`the state database ${join(disk, 'lockstep.db')}`),
      hint: expect.stringContaining('free some space'),
    })
    expect(await store.list(lampKind)).toHaveLength(made)
    expect(await verifyChain(db)).toMatchObject({ intact: true, events: made })
    await expect(
      store.writeIntent({
        kind: 'lamp',
        objectId: 'lamp-0',
        command: 'c',
        actor: 'person:o',
        reason: 'x'.repeat(400_000),
      }),
    ).rejects.toMatchObject({ code: 'store.disk_full' })
    await rm(ballast)
    await store.commit({ changes: [saved(lamp(`lamp-${made}`), null)] })
    expect(await verifyChain(db)).toMatchObject({ intact: true, events: made + 1 })
    await db.destroy()
  } finally {
    execFileSync('umount', [disk])
  }
})

test('a full disk at the very start is said so', async (context) => {
  const disk = join(folder, 'disk')
  await mkdir(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    return context.skip('a small disk cannot be mounted here')
  }
  try {
    await writeFile(join(disk, 'ballast'), Buffer.alloc(60_000))
    await expect(openSqlite(join(disk, 'lockstep.db'))).rejects.toMatchObject({
      code: 'store.disk_full',
    })
  } finally {
    execFileSync('umount', [disk])
  }
})

test('a disk that turned read-only is said so', async (context) => {
  const disk = join(folder, 'disk')
  await mkdir(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    return context.skip('a disk cannot be mounted here')
  }
  try {
    await (await openSqlite(join(disk, 'lockstep.db'))).destroy()
    execFileSync('mount', ['-o', 'remount,ro', disk])
    await expect(openSqlite(join(disk, 'lockstep.db'))).rejects.toMatchObject({
      code: 'store.unwritable',
      hint: expect.stringContaining('read-only'),
    })
    await expect(openSqlite(join(disk, 'sub', 'lockstep.db'))).rejects.toMatchObject({
      code: 'store.unwritable',
    })
  } finally {
    execFileSync('umount', [disk])
  }
})

test('what stands in the way of the file is named', async () => {
  await writeFile(join(folder, 'file'), 'text')
  await expect(openSqlite(join(folder, 'file', 'lockstep.db'))).rejects.toMatchObject({
    code: 'store.unwritable',
    kind: 'unavailable',
  })
  await expect(openSqlite(folder)).rejects.toMatchObject({ code: 'store.unwritable' })
  await chmod(folder, 0o700)
})

test('a file that is no database, or a damaged one, is left as it is', async () => {
  await writeFile(join(folder, 'notes.db'), 'these are notes, and no database at all'.repeat(100))
  await expect(openSqlite(join(folder, 'notes.db'))).rejects.toMatchObject({
    code: 'store.unreadable',
    hint: expect.stringContaining('backup'),
  })
  const path = join(folder, 'lockstep.db')
  const db = await openSqlite(path)
  const store = createObjectStore(db, systemClock)
  for (let i = 0; i < 50; i++)
    await store.commit({ changes: [saved(lamp(`a${i}`, { colour: 'x'.repeat(3000) }), null)] })
  await db.destroy()
  await truncate(path, 100_000)
  const damaged = await openSqlite(path).then(
    async (again) => {
      const error = await verifyChain(again).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      await again.destroy()
      return error
    },
    (reason: unknown) => reason,
  )
  expect(damaged).toMatchObject({ code: 'store.unreadable' })
})

test('opening twice is one schema: nothing is applied again', async () => {
  const path = join(folder, 'lockstep.db')
  await (await openSqlite(path)).destroy()
  const again = await openSqlite(path)
  expect(await again.selectFrom('objects').selectAll().execute()).toEqual([])
  await again.destroy()
})
