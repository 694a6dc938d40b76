// What a step declares about its surroundings, with real processes: folder, variables, secrets, environments, resources.
import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { processExecutor } from '../../../src/build/executors/process-executor.ts'
import { planPipeline } from '../../../src/build/pipeline/plan.ts'
import { boundless } from '../../../src/build/pipeline/run-capacity.ts'
import type { RuntimesPort } from '../../../src/build/pipeline/step-runtime.ts'
import { digestOf } from '../../../src/foundation/digest.ts'
import { refuse } from '../../../src/foundation/refusal.ts'
import { systemClock } from '../../../src/foundation/system-clock.ts'
import { plainStep, type StepSpec } from '../../../src/project/step-spec.ts'
import { TestClock } from '../../support/test-clock.ts'
import { openWorkshop, resultOf, shellStep, verdicts, type Workshop } from './workshop.ts'

let shop: Workshop

beforeEach(async () => {
  shop = await openWorkshop()
})
afterEach(() => shop.close())

const { resources } = plainStep
const token = 's3cr3t/token+value'
const withSecrets = (resolved: Record<string, string>) =>
  processExecutor({
    ...{ clock: systemClock, path: '/usr/bin:/bin', lockstepCommand: [], graceMs: 300 },
    resolveSecret: ({ name }) =>
      resolved[name] ?? refuse('secret.missing', `the variable ${name} is not set`),
  })
async function textOf(step: { outputs: readonly { digest: `sha256:${string}` }[] }) {
  return (await shop.store.read(step.outputs[0]?.digest ?? 'sha256:')).toString()
}

describe('a step', () => {
  it('runs in its folder, with paths from the project folder', async () => {
    await shop.write('training/train.sh', 'pwd > here.txt; cat ../data.csv >> here.txt')
    await shop.write('data.csv', 'x')
    const step = shellStep('s', 'sh train.sh', {
      ...{ folder: 'training', inputs: ['training/train.sh', 'data.csv'] },
      outputs: ['training/here.txt'],
    })
    const text = await textOf(resultOf(await shop.run([step]), 's'))
    expect(text).toMatch(/\/work\/attempt_\w+\/training\nx$/)
  })

  it('sees the variables it inherits, and runs again when one changes, appears or goes', async () => {
    const step = shellStep('s', 'echo "[$GPU]" > out', { inherits: ['GPU'], outputs: ['out'] })
    const run = async (machineEnvironment: Record<string, string>) =>
      resultOf(await shop.run([step], { machineEnvironment }), 's')
    const first = await run({ GPU: '0', OTHER: 'x' })
    expect(await textOf(first)).toBe('[0]\n')
    expect((await run({ GPU: '0', OTHER: 'y' })).verdict).toBe('hit')
    expect((await run({ GPU: '1' })).because).toBe('inherited variable GPU changed from "0" to "1"')
    expect((await run({})).because).toBe('inherited variable GPU changed from "1" to none')
    expect((await run({ GPU: '' })).verdict).toBe('ran')
  })

  it('sees a secret, and nobody else does', async () => {
    const script = `printf '%s' "$TOKEN" > out; echo "now $TOKEN"; printf 's3cr3t/to'; sleep 0.1; echo 'ken+value';
      printf %s "$TOKEN" | base64; echo "bad $TOKEN" >&2; exit 3`
    const step = shellStep('s', script, {
      ...{ outputs: ['out'], secrets: [{ name: 'TOKEN', from: { env: 'TOKEN' } }] },
    })
    const result = await shop.run([step], { executor: withSecrets({ TOKEN: token }) })
    const end = resultOf(result, 's')
    const log = readFileSync(end.logPath ?? '', 'utf8')
    expect(log).toContain('now ***\n***\n')
    expect(end.because).toContain('it said: bad ***')
    const everything = JSON.stringify([result, shop.events, shop.actions.records, log])
    expect(everything).not.toContain(token)
    expect(everything).not.toContain(Buffer.from(token).toString('base64'))
  })

  it('whose secret is missing is not started, and its value is no part of the key', async () => {
    const step = shellStep('s', 'printf %s "$TOKEN" | wc -c > out', {
      ...{ outputs: ['out'], secrets: [{ name: 'TOKEN', from: { env: 'TOKEN' } }] },
    })
    const none = resultOf(await shop.run([step], { executor: withSecrets({}) }), 's')
    expect(none).toMatchObject({
      verdict: 'failed',
      because: 'it needs the secret TOKEN, but the variable TOKEN is not set',
    })
    await shop.run([step], { executor: withSecrets({ TOKEN: 'a' }) })
    const again = await shop.run([step], { executor: withSecrets({ TOKEN: 'other' }) })
    expect(again.unchanged).toBe(true)
    expect(shop.actions.records[0]?.document.secrets).toEqual(['TOKEN'])
  })

  it('that holds more memory than it may is ended, and told so', async () => {
    const hungry = shellStep('s', 'tail /dev/zero', {
      ...{ resources: { ...resources, memoryBytes: 50 * 1024 ** 2 }, retries: 3 },
    })
    const end = resultOf(await shop.run([hungry]), 's')
    expect(end).toMatchObject({ verdict: 'failed', attempts: 1 })
    expect(end.because).toMatch(
      /^it held [\d.]+ [MG]iB of memory, more than the 50 MiB of resources\.memory/,
    )
  })

  it('runs in its language environment, whose lock file is part of the key', async () => {
    await shop.write('lock.txt', 'numpy==2')
    await shop.write('bin/tool', '#!/bin/sh\necho "tool $FROM_RUNTIME $(readlink deps)" > out')
    const prepared: string[] = []
    const runtimes: RuntimesPort = {
      describe: async ({ kind }, lock) => ({
        ...{ kind, interpreter: '3.11.9', platform: 'linux-x64', lock },
        digest: digestOf(`${kind} ${lock}`),
      }),
      prepare: async ({ facts, told }) => {
        prepared.push(facts.lock)
        told('installing')
        return {
          path: [`${shop.dir}/bin`],
          environment: { FROM_RUNTIME: 'yes' },
          links: { deps: '/opt/deps' },
        }
      },
    }
    const { chmodSync } = await import('node:fs')
    chmodSync(`${shop.dir}/bin/tool`, 0o755)
    const step: StepSpec = {
      ...shellStep('s', '', { outputs: ['out'], runtime: { kind: 'python', lock: 'lock.txt' } }),
      command: { argv: ['tool'] },
    }
    const first = await shop.run([step], { runtimes })
    expect(await textOf(resultOf(first, 's'))).toBe('tool yes /opt/deps\n')
    expect(first.runtimes).toMatchObject([{ kind: 'python', lockPath: 'lock.txt', steps: ['s'] }])
    expect((await shop.run([step], { runtimes })).unchanged).toBe(true)
    await shop.write('lock.txt', 'numpy==3')
    const again = resultOf(await shop.run([step], { runtimes }), 's')
    expect(again.because).toMatch(
      /input lock\.txt changed .*; lock file of the python environment changed/,
    )
    expect(prepared).toHaveLength(2)
    await expect(shop.run([step])).rejects.toMatchObject({ code: 'runtime.unavailable' })
  })
})

describe('steps that share', () => {
  /** Leaves a mark while it runs and counts the marks it sees. */
  const counting = (name: string, parts: Partial<StepSpec>) =>
    shellStep(
      name,
      `touch ${shop.dir}/mark-${name}; ls ${shop.dir} | grep -c mark- > ${name}.seen; sleep 0.05; ls ${shop.dir} | grep -c mark- >> ${name}.seen; rm ${shop.dir}/mark-${name}`,
      { outputs: [`${name}.seen`], ...parts },
    )
  const most = async (steps: StepSpec[], capacity: typeof boundless) => {
    const result = await shop.run(steps, { parallelism: 6, capacity })
    expect(result.outcome).toBe('succeeded')
    const seen = await Promise.all(steps.map(({ name }) => textOf(resultOf(result, name))))
    return Math.max(...seen.flatMap((text) => text.trim().split('\n').map(Number)))
  }

  it('a pool, processors or memory are never more at once than there is', async () => {
    const gpu = [...'abcdef'].map((key) =>
      counting(`train@${key}`, { resources: { ...resources, pools: { gpu: 1 } } }),
    )
    expect(await most(gpu, { ...boundless, pools: { gpu: 2 } })).toBe(2)
    const wide = [...'abcd'].map((key) =>
      counting(`w${key}`, { resources: { ...resources, cpu: 4 } }),
    )
    expect(await most(wide, { ...boundless, processors: 4 })).toBe(1)
    const heavy = [...'abcd'].map((key) =>
      counting(`h${key}`, { resources: { ...resources, memoryBytes: 2 ** 30 } }),
    )
    expect(await most(heavy, { ...boundless, memoryBytes: 2 * 2 ** 30 })).toBeLessThanOrEqual(2)
  })

  it('a known result waits for nobody', async () => {
    const cheap = counting('cheap', { resources: { ...resources, pools: { gpu: 1 } } })
    const capacity = { ...boundless, pools: { gpu: 1 } }
    await shop.run([cheap], { capacity })
    const long = shellStep('long', `until [ -e ${shop.dir}/go ]; do sleep 0.02; done; echo > out`, {
      ...{ outputs: ['out'], resources: { ...resources, pools: { gpu: 1 } } },
    })
    await shop.run([long, cheap], {
      capacity,
      onEvent: (event) => {
        if (event.type === 'step_finished' && event.step === 'cheap') void shop.write('go', '')
      },
    })
    expect(readFileSync(`${shop.dir}/go`, 'utf8')).toBe('')
  })

  it('more than there is is refused before anything runs', async () => {
    const greedy = shellStep('greedy', 'true', {
      resources: { cpu: 64, memoryBytes: 2 ** 40, pools: { gpv: 1 } },
    })
    const capacity = { processors: 2, memoryBytes: 8 * 2 ** 30, pools: { gpu: 1 } }
    const error = await shop.run([greedy], { capacity }).catch((thrown) => thrown)
    expect(error.message).toContain('step greedy asks for 64 processors, but this machine has 2')
    expect(error.message).toContain('asks for 1024 GiB of memory, but this machine has 8 GiB')
    expect(error.message).toContain(
      'the pool gpv, which is not declared under pools; did you mean gpu?',
    )
    expect(shop.events).toEqual([])
  })
})

describe('a run of certain steps alone', () => {
  const a = shellStep('a', 'echo a > a.out', { outputs: ['a.out'] })
  const b = shellStep('b', 'cat a.out > b.out', { inputs: ['a.out'], outputs: ['b.out'] })
  const c = shellStep('c', 'cat b.out > c.out', { inputs: ['b.out'], outputs: ['c.out'] })

  it('stands on known results, and says which is missing', async () => {
    await expect(shop.run([a, b, c], { exactly: ['b'] })).rejects.toMatchObject({
      code: 'pipeline.upstream_unknown',
      message: 'step b cannot run alone: there is no known result of a (it has not run before)',
      hint: 'Run what is missing as well: lockstep run --to b',
    })
    expect(shop.events).toEqual([])
    await shop.run([a, b, c], { only: ['a'] })
    const alone = await shop.run([a, b, c], { exactly: ['b'], force: 'all' })
    expect(verdicts(alone)).toEqual(['a:hit', 'b:ran'])
    const plan = await planPipeline({ ...shop.request([a, b, c]), exactly: ['c'] })
    expect(plan.map((step) => `${step.name}:${step.decision}`)).toEqual(['a:hit', 'b:hit', 'c:run'])
  })
})

it('the pause between attempts doubles from what was declared', async () => {
  const clock = new TestClock()
  const pauses: number[] = []
  const step = shellStep('flaky', 'exit 1', { retries: 3, backoffMs: 500 })
  await shop.run([step], {
    clock: {
      now: () => clock.now(),
      sleep: (ms) => {
        pauses.push(ms)
        clock.advance(ms)
        return Promise.resolve()
      },
    },
  })
  expect(pauses).toEqual([500, 1000, 2000])
})
