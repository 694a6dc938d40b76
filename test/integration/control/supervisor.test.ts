// Nobody outlives the supervisor: not even when it had no time to say goodbye.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { eventually, isAlive } from '../../support/eventually.ts'

test('when the supervisor is killed, its children are gone within two seconds, and the next one starts', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lockstep-kill-'))
  try {
    for (let life = 0; life < 2; life++) {
      const script = new URL('./supervisor-process.ts', import.meta.url).pathname
      const supervisor = spawn(process.execPath, [script, folder], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const [line] = (await once(supervisor.stdout, 'data')) as [Buffer]
      const children = JSON.parse(line.toString()) as number[]
      expect(children).toHaveLength(3)
      supervisor.kill('SIGKILL')
      await eventually(
        () => children.filter(isAlive),
        (left) => left.length === 0,
        2000,
      )
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
