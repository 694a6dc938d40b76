// A machine that does not cooperate: taken ports, a second start, a full and a read-only disk.
import { execFileSync } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { RunView, StatusView } from '../../src/api/contract/views.ts'
import { systemClock } from '../../src/foundation/system-clock.ts'
import {
  answer,
  leftovers,
  lockstep,
  type Running,
  spawnLockstep,
  until,
} from './lockstep-process.ts'
import { type SmallProject, smallProjects } from './small-project.ts'

const make = smallProjects()

const answers = (project: SmallProject) =>
  until('the control plane', async () => {
    const { code, stdout } = await lockstep(project.dir, 'status', '--json')
    return code === 0 && (JSON.parse(stdout) as StatusView).control.url !== null
  })

async function stop(up: Running, signal: NodeJS.Signals = 'SIGINT'): Promise<number> {
  up.signalGroup(signal)
  return (await up.ended).code
}

describe('lockstep up', () => {
  test.each(['control', 'production'] as const)(
    'the port of %s is taken: nothing is started',
    async (which) => {
      const project = await make()
      const stranger = createServer()
      await new Promise<void>((resolve) =>
        stranger.listen(project.ports[which], '127.0.0.1', resolve),
      )
      const { code, stderr } = await lockstep(project.dir, 'up')
      expect(code).toBe(1)
      const what =
        which === 'control' ? 'the control plane (control.port)' : 'environment production'
      expect(stderr).toContain(
        `port ${project.ports[which]} of ${what} is in use by another program; nothing was started`,
      )
      expect(stderr).toContain(`choose another port in ${join(project.dir, 'lockstep.yaml')}`)
      expect(await leftovers(project.dir)).toEqual([])
      await new Promise((resolve) => stranger.close(resolve))
      const up = spawnLockstep(project.dir, 'up')
      await answers(project)
      expect(await stop(up)).toBe(0)
    },
  )

  test('a second one in the same folder is a conflict, and the first does not notice', async () => {
    const project = await make()
    const up = spawnLockstep(project.dir, 'up')
    await answers(project)
    const { code, stderr } = await lockstep(project.dir, 'up')
    expect(code).toBe(8)
    expect(stderr).toMatch(
      new RegExp(
        `already running for ${project.dir} \\(process ${up.pid}\\); nothing was started\nhint: `,
      ),
    )
    const { document } = await answer<StatusView>(project.dir, 'status')
    expect(document.environments.map((one) => one.name)).toEqual(['staging', 'production'])
    expect(await stop(up)).toBe(0)
    expect(await leftovers(project.dir)).toEqual([])
  })

  test('Ctrl-C at any moment of the start and in full operation leaves nothing running', async () => {
    const project = await make()
    for (const ms of [30, 120, 200, 280, 360, 500]) {
      const up = spawnLockstep(project.dir, 'up')
      await systemClock.sleep(ms)
      const code = await stop(up)
      // Before the program has loaded, the signal itself ends it.
      expect([0, 130]).toContain(code)
      expect(up.said()).not.toMatch(/error|"level"/)
      expect(await leftovers(project.dir)).toEqual([])
    }
    const up = spawnLockstep(project.dir, 'up')
    await answers(project)
    const run = await answer<RunView>(project.dir, 'run')
    expect(run.document.release?.number).toBe(1)
    await until(
      'staging',
      async () =>
        (await answer<StatusView>(project.dir, 'status')).document.environments[0]?.stable
          ?.number === 1,
    )
    expect(await stop(up)).toBe(0)
    expect(await leftovers(project.dir)).toEqual([])
  })
})

const mayMount = canMount()

describe.skipIf(!mayMount)('disks (needs the right to mount)', () => {
  /** `.lockstep` on a disk of its own, of 4 MB. */
  const withDisk = async (use: (project: SmallProject, disk: string) => Promise<void>) => {
    const project = await make()
    const disk = join(project.dir, '.lockstep')
    await mkdir(disk)
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk])
    try {
      await use(project, disk)
    } finally {
      execFileSync('umount', [disk])
    }
  }

  test.each([4, 40, 200, 250])('a full disk with %i kB left', (kilobytes) =>
    withDisk(async (project, disk) => {
      const ballast = join(disk, 'ballast')
      await writeFile(ballast, Buffer.alloc((4096 - kilobytes) * 1024))
      const { code, stderr } = await lockstep(project.dir, 'run')
      expect(code).toBe(1)
      expect(stderr).toMatch(/^error: .*disk is full.*\nhint: [Ff]ree some space/m)
      expect(stderr).not.toMatch(/bug|at .*\.ts:/)
      expect(await leftovers(project.dir)).toEqual([])
      await rm(ballast)
      expect((await lockstep(project.dir, 'run')).code).toBe(0)
      const { document } = await answer<{ intact: boolean }>(project.dir, 'audit')
      expect(document.intact).toBe(true)
    }),
  )

  test('a read-only disk', () =>
    withDisk(async (project, disk) => {
      expect((await lockstep(project.dir, 'run')).code).toBe(0)
      execFileSync('mount', ['-o', 'remount,ro', disk])
      for (const verb of ['run', 'up', 'status']) {
        const { code, stderr } = await lockstep(project.dir, verb)
        expect(code).toBe(1)
        expect(stderr).toMatch(
          /^error: cannot write to .*\.lockstep: the disk is read-only; .*\nhint: Mount it writable/,
        )
      }
      expect(await leftovers(project.dir)).toEqual([])
      execFileSync('mount', ['-o', 'remount,rw', disk])
      const { code, document } = await answer<RunView>(project.dir, 'run')
      expect([code, document.phase]).toEqual([0, 'unchanged'])
    }))
})

/** Root in a container often may not. */
function canMount(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt'], {
      stdio: 'ignore',
    })
    return process.getuid?.() === 0
  } catch {
    return false
  }
}
