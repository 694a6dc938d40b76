import { spawn } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reapOrphans } from '../../../src/build/executors/attempt-file.ts'
import { processExecutor } from '../../../src/build/executors/process-executor.ts'
import { processesOf, startTimeOf } from '../../../src/build/executors/process-group.ts'
import type { StepAttempt } from '../../../src/build/pipeline/step-executor.ts'
import { newId } from '../../../src/foundation/ids.ts'
import { systemClock } from '../../../src/foundation/system-clock.ts'
import { openWorkshop, resultOf, shellStep, verdicts, type Workshop } from './workshop.ts'

let shop: Workshop

beforeEach(async () => {
  shop = await openWorkshop()
})
afterEach(() => shop.close())

const attemptIds = () =>
  shop.events.flatMap((event) => (event.type === 'step_started' ? [event.attemptId] : []))
const leftovers = () => attemptIds().flatMap((id) => processesOf(id))

/** Children that would outlive a careless parent: in the background, deaf to SIGTERM, in a session of their own. */
const clinging =
  'trap "" TERM; (trap "" TERM; sleep 60) & setsid sleep 60 & echo ready; sleep 60; sleep 60'

describe('the process executor', () => {
  it('ends the whole family of a step that runs too long', async () => {
    const step = shellStep('hang', clinging, { timeoutMs: 300 })
    const result = await shop.run([step])
    expect(resultOf(result, 'hang')).toMatchObject({
      verdict: 'timed_out',
      because: 'it ran longer than its timeout of 300 ms and was ended',
    })
    expect(result.outcome).toBe('timed_out')
    expect(leftovers()).toEqual([])
  })

  it('leaves nothing running when the run is cancelled', async () => {
    const stop = new AbortController()
    const blocked = shellStep('later', 'true', { inputs: ['x'] })
    const steps = [
      shellStep('one', clinging, { outputs: ['x'] }),
      shellStep('two', clinging),
      blocked,
    ]
    const result = await shop.run(steps, {
      signal: stop.signal,
      onEvent: (event) => {
        shop.events.push(event)
        const ready = shop.events.filter((one) => one.type === 'step_log' && one.line === 'ready')
        if (ready.length === 2) stop.abort()
      },
    })
    expect(verdicts(result)).toEqual(['one:cancelled', 'two:cancelled', 'later:cancelled'])
    expect(result.outcome).toBe('cancelled')
    expect(attemptIds()).toHaveLength(2)
    expect(leftovers()).toEqual([])
    expect(readdirSync(`${shop.dir}/.lockstep/work`)).toEqual([])
  })

  it('starts nothing when it was cancelled before', async () => {
    const result = await shop.run([shellStep('s', 'true')], { signal: AbortSignal.abort() })
    expect(verdicts(result)).toEqual(['s:cancelled'])
  })

  it('ends what a finished step left in the background, and does not wait for it', async () => {
    const result = await shop.run([
      shellStep('daemon', 'sleep 60 & setsid sleep 60 >/dev/null & true'),
    ])
    expect(verdicts(result)).toEqual(['daemon:ran'])
    expect(leftovers()).toEqual([])
  })

  it('keeps the beginning and the end of a flood of output and counts the rest', async () => {
    const flood = shellStep(
      'flood',
      'echo first; head -c 200000000 /dev/zero | tr "\\0" "x"; echo; echo last >&2',
    )
    const before = process.memoryUsage().rss
    const step = resultOf(await shop.run([flood]), 'flood')
    expect(step.verdict).toBe('ran')
    const log = readFileSync(step.logPath ?? '', 'utf8')
    expect(log.length).toBeLessThan(2.1 * 1024 * 1024)
    expect(log.startsWith('first\nxxx')).toBe(true)
    expect(log.endsWith('last\n')).toBe(true)
    expect(log).toMatch(/\n… 197902\d{3} bytes left out …\n/)
    expect(process.memoryUsage().rss - before).toBeLessThan(200 * 1024 * 1024)
    expect(shop.events.filter((event) => event.type === 'step_log').length).toBeLessThan(400)
  })

  it('tells each line as it comes, with its stream', async () => {
    await shop.run([shellStep('talk', 'echo "häl"; printf "lo" >&2')])
    expect(shop.events.filter((event) => event.type === 'step_log')).toEqual(
      expect.arrayContaining([
        { type: 'step_log', step: 'talk', stream: 'stdout', line: 'häl' },
        { type: 'step_log', step: 'talk', stream: 'stderr', line: 'lo' },
      ]),
    )
  })

  it('calls itself for lockstep, as a command and within a shell script', async () => {
    const direct = { ...shellStep('direct', ''), command: { argv: ['lockstep', 'check', "it's"] } }
    const piped = shellStep('piped', 'lockstep train "a b" | tr a-z A-Z')
    await shop.run([direct, piped], { parallelism: 1 })
    const lines = shop.events.flatMap((event) => (event.type === 'step_log' ? [event.line] : []))
    expect(lines).toEqual([
      "lockstep was called with check it's",
      'LOCKSTEP WAS CALLED WITH TRAIN A B',
    ])
  })

  it('stops at a full disk with one sentence, and leaves nothing running', async () => {
    const executor = processExecutor({
      clock: systemClock,
      path: '/usr/bin:/bin',
      lockstepCommand: [],
    })
    const attempt: StepAttempt = {
      ...{ id: newId('attempt', 0), step: 's', command: { shell: 'echo x; sleep 60' } },
      ...{ workDir: shop.dir, environment: {}, seed: null, timeoutMs: 20_000 },
      ...{ folder: '', path: [], secrets: [], memoryBytes: null },
      ...{ logPath: '/dev/full', signal: new AbortController().signal, onLine: () => {} },
    }
    await expect(executor.run(attempt)).rejects.toMatchObject({
      code: 'build.store_unwritable',
      message: expect.stringContaining('the disk is full'),
    })
    expect(processesOf(attempt.id)).toEqual([])
  })

  it('says which signal ended a command', async () => {
    const step = resultOf(await shop.run([shellStep('crash', 'kill -SEGV $$')]), 'crash')
    expect(step).toMatchObject({ verdict: 'failed', because: expect.stringContaining('SIGSEGV') })
  })
})

describe('after Lockstep itself was killed', () => {
  it('the guard ends the step, and the next start clears what is left', async () => {
    const script = `${shop.dir}/victim.ts`
    const from = fileURLToPath(new URL('./workshop.ts', import.meta.url))
    writeFileSync(
      script,
      `import { openWorkshop, shellStep } from ${JSON.stringify(from)}
       const shop = await openWorkshop()
       await shop.run([shellStep('s', ${JSON.stringify(clinging)})], { onEvent: (event) => {
         if (event.type === 'step_started') console.log(shop.dir, event.attemptId)
         if (event.type === 'step_log') console.log(event.line)
       } })`,
    )
    const victim = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    await new Promise<void>((resolve) => {
      victim.stdout.on('data', (chunk) => {
        said += chunk
        if (said.includes('ready')) resolve()
      })
    })
    const [dir = '', attempt = ''] = said.split(/\s/)
    expect(processesOf(attempt).length).toBeGreaterThan(1)
    victim.kill('SIGKILL')
    await new Promise((resolve) => victim.once('close', resolve))

    // Only the process that left for a session of its own outlives the guard.
    for (let round = 0; round < 200 && processesOf(attempt).length > 1; round++) {
      await systemClock.sleep(10)
    }
    expect(processesOf(attempt)).toHaveLength(1)
    expect(reapOrphans(`${dir}/.lockstep/work`)).toEqual([{ attempt, processes: 1 }])
    for (let round = 0; round < 200 && processesOf(attempt).length > 0; round++) {
      await systemClock.sleep(10)
    }
    expect(processesOf(attempt)).toEqual([])
    expect(readdirSync(`${dir}/.lockstep/work`)).toEqual([])
    rmSync(dir, { recursive: true })
  })

  it('nobody is mistaken for a leftover: not a step of a living owner, not a stranger with the same id', () => {
    const work = `${shop.dir}/.lockstep/work`
    mkdirSync(`${work}/attempt_live`, { recursive: true })
    const self = { pid: process.pid, startTime: startTimeOf(process.pid) ?? '' }
    const dead = { pid: process.pid, startTime: '1' }
    const host = readFileSync('/proc/sys/kernel/hostname', 'utf8').trim()
    const note = (attempt: string, owner: object, at = host) =>
      writeFileSync(
        `${work}/${attempt}.process.json`,
        JSON.stringify({ attempt, host: at, leader: dead, owner }),
      )
    note('attempt_live', self)
    note('attempt_far', dead, 'another-host')
    note('attempt_gone', dead)
    // A leader that ended before its start time could be read: its id may be anyone's now.
    const unnamed = {
      attempt: 'attempt_quick',
      host,
      leader: { pid: process.pid, startTime: null },
    }
    writeFileSync(`${work}/attempt_quick.process.json`, JSON.stringify({ ...unnamed, owner: dead }))
    writeFileSync(`${work}/attempt_cut.process.json`, '{"attempt":')
    expect(reapOrphans(work)).toEqual([
      { attempt: 'attempt_gone', processes: 0 },
      { attempt: 'attempt_quick', processes: 0 },
    ])
    expect(existsSync(`${work}/attempt_live`)).toBe(true)
    expect(statSync(`${work}/attempt_far.process.json`).isFile()).toBe(true)
    expect(reapOrphans(`${shop.dir}/nowhere`)).toEqual([])
  })
})
