// Many processes run pipelines in one data folder at once, while another reads: nothing may be lost, nothing may say it is locked.
import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { openContentStore } from '../../src/build/artifacts/content-store.ts'
import { createActionCache } from '../../src/build/pipeline/action-cache-store.ts'
import { digestOf } from '../../src/foundation/digest.ts'
import { stopwatch, systemClock } from '../../src/foundation/system-clock.ts'
import { openSqlite } from '../../src/store/sqlite.ts'

export interface ManyProcesses {
  readonly ms: number
  /** What processes said that did not end well. */
  readonly errors: readonly string[]
  /** Results that should be there and are not, or whose object is not intact. */
  readonly lost: readonly string[]
  /** How long a question to the database took at most, meanwhile. */
  readonly slowestReadMs: number
}

const program = fileURLToPath(new URL('run-process.ts', import.meta.url))

export async function runManyProcesses(
  folder: string,
  { processes, runs }: { readonly processes: number; readonly runs: number },
): Promise<ManyProcesses> {
  await mkdir(`${folder}/data`, { recursive: true })
  for (let i = 0; i < 20; i++) await writeFile(`${folder}/data/${i}.csv`, `row ${i}\n`)
  const elapsed = stopwatch()
  const names = Array.from({ length: processes }, (_, at) => `process-${at}`)
  const under = { way: true }
  const reading = readUntilDone(folder, under)
  const ends = await Promise.all(names.map((name) => runProcess(folder, name, runs)))
  const ms = elapsed()
  under.way = false
  const slowestReadMs = await reading
  const steps = ['shared', ...names].flatMap((name) =>
    Array.from({ length: runs }, (_, run) => `${name}-${run}`),
  )
  return {
    ...{ ms, slowestReadMs, lost: await lostResults(folder, steps) },
    errors: ends.filter((end) => end !== ''),
  }
}

/** Resolves with what went wrong, or nothing. */
function runProcess(folder: string, name: string, runs: number): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, folder, name, String(runs)], {
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })
    child.on('close', (code) => resolve(code === 0 ? '' : `${name} ended with ${code}: ${said}`))
  })
}

async function readUntilDone(folder: string, under: { readonly way: boolean }): Promise<number> {
  const db = await openSqlite(`${folder}/.lockstep/lockstep.db`)
  let slowest = 0
  while (under.way) {
    const elapsed = stopwatch()
    await db.selectFrom('actions').select('key').limit(100).execute()
    slowest = Math.max(slowest, elapsed())
    await systemClock.sleep(20)
  }
  await db.destroy()
  return slowest
}

async function lostResults(folder: string, steps: readonly string[]): Promise<string[]> {
  const db = await openSqlite(`${folder}/.lockstep/lockstep.db`)
  const store = await openContentStore(`${folder}/.lockstep/objects`)
  const actions = createActionCache(db)
  const lost: string[] = []
  for (const step of steps) {
    const record = await actions.latestFor(step)
    const expected = digestOf(`made by ${step}\n`)
    const kept = record?.outputs.every(({ digest }) => digest === expected)
    if (kept !== true || (await store.verify(expected)) !== 'intact') lost.push(step)
  }
  const divergences = await db.selectFrom('divergences').selectAll().execute()
  await db.destroy()
  return [...lost, ...divergences.map(({ key }) => `divergence under ${key}`)]
}
