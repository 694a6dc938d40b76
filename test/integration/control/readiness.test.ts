// Readiness and robustness as they are measured: on real replica processes, from the line of the check to the sentence of its verdict.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ScoringReplica } from '../../../src/control/runs/evaluation/scoring-replica.ts'
import type { GoldenFiles } from '../../../src/control/runs/readiness/measure-answers.ts'
import { measureReadiness } from '../../../src/control/runs/readiness/measure-readiness.ts'
import { perturbHoldout } from '../../../src/control/runs/readiness/perturb-holdout.ts'
import {
  planReadiness,
  readinessChecks,
} from '../../../src/control/runs/readiness/plan-readiness.ts'
import { digestOfFile } from '../../../src/foundation/digest.ts'
import { makeFolder } from '../../../src/foundation/make-folder.ts'
import { randomStream } from '../../../src/foundation/random.ts'
import { stopwatch, systemClock } from '../../../src/foundation/system-clock.ts'
import { scoringReplicas } from '../../../src/main/scoring-replica.ts'
import { dataFolder } from '../../../src/project/data-folder.ts'
import { connectReplica } from '../../../src/serve/runtime/replica-client.ts'
import { scoreRows } from '../../../src/serve/runtime/score-rows.ts'
import type { CheckResult } from '../../../src/verify/gates/check-result.ts'
import { gateDefaults, judgeGates } from '../../../src/verify/gates/judge-gates.ts'
import { replayReport } from '../../../src/verify/gates/replay-check.ts'
import type { Scored } from '../../../src/verify/metrics/scored.ts'
import type { OperationEvidence } from '../../../src/verify/readiness/readiness-evidence.ts'
import { project, RunStage } from './run-stage.ts'

const models = new URL('../../support/models/', import.meta.url).pathname
const signal = new AbortController().signal
const rows = 600
const random = randomStream('readiness', 'rows')
const people = Array.from({ length: rows }, () => ({
  age: 18 + random.below(60),
  hours: random.below(80),
  job: random.next() < 0.5 ? 'engineer' : 'clerk',
  city: random.next() < 0.5 ? 'ulm' : 'bonn',
}))
const columns = (['age', 'hours', 'job', 'city'] as const).map((name) => ({
  name,
  values: people.map((person) => person[name]),
}))
const labels = Uint8Array.from(people, ({ job, age }) =>
  random.next() < (job === 'engineer' ? 0.6 : 0.2) + age / 400 ? 1 : 0,
)
const place = { output: 'probabilities', column: 1 }

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockstep-ready-'))
  await makeFolder(dataFolder(dir).sockets)
})
afterAll(() => rm(dir, { recursive: true, force: true }))

type Open = () => Promise<ScoringReplica>

/** The model in a process of its own, as a run starts it. */
function packaged(model: string): Open {
  return async () => {
    const modelPath = join(models, `${model}.onnx`)
    const digest = await digestOfFile(modelPath)
    const open = scoringReplicas(dataFolder(dir))
    return open({ modelPath, digest, label: 'model.onnx', modelName: 'm' }, signal)
  }
}

/** The classifier in a process that dies of a long text. */
function fragile(): Open {
  let number = 0
  return async () => {
    const elapsed = stopwatch()
    const socketPath = join(dataFolder(dir).sockets, `fragile-${++number}.sock`)
    const script = new URL('./fragile-replica.ts', import.meta.url).pathname
    const config = JSON.stringify({ modelPath: join(models, 'classifier.onnx'), socketPath })
    const child = spawn(process.execPath, [script, config], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(child.stdout, 'data')
    const loadMs = elapsed()
    const client = connectReplica(socketPath)
    const { inputs, outputs } = await client.metadata()
    return {
      ...{ client, loadMs, signature: { inputs, outputs } },
      ...(child.pid === undefined ? {} : { processId: child.pid }),
      async stop() {
        client.close()
        if (child.exitCode !== null) return
        child.kill('SIGKILL')
        await once(child, 'exit')
      },
    }
  }
}

const quiet: OperationEvidence = {
  ...{ owner: null, runbook: null, monitors: [], environments: ['staging'], rollbacks: [], now: 0 },
}

interface Setting {
  readonly champion?: Open
  readonly golden?: GoldenFiles
  readonly operation?: OperationEvidence
}

type Line = string | Readonly<Record<string, Readonly<Record<string, unknown>>>>

/** Measures what the lines ask for and judges them; every verdict is replayed from its record on the way. */
async function judged(
  open: Open,
  lines: readonly Line[],
  setting: Setting = {},
): Promise<CheckResult[]> {
  const checks = lines.map((line) => {
    const [text = '', options = {}] =
      typeof line === 'string' ? [line] : (Object.entries(line)[0] ?? [])
    return { text, options, position: null }
  })
  const gates = [{ name: 'ready', checks }]
  const asked = readinessChecks({ gates })
  const plan = planReadiness(asked.readiness)
  const replica = await open()
  try {
    const { signature, client } = replica
    const { scores } = await scoreRows(client, { signature, columns, score: place })
    const scored: Scored = { task: 'binary', labels, scores, threshold: 0.5 }
    const readiness =
      plan &&
      (await measureReadiness({
        ...{ plan, replica, open, columns, signal, clock: systemClock, label: 'y' },
        declaredColumns: async () => [...columns.map(({ name }) => name), 'y'],
        ...{ scoreOutput: 'probabilities', sizeBytes: 589 },
        champion: setting.champion
          ? { release: '7', open: async () => ({ replica: await championIn(setting), columns }) }
          : null,
        golden: setting.golden ?? { read: async () => undefined, propose: async () => 'nowhere' },
        operation: async () => setting.operation ?? quiet,
      }))
    const robustness =
      asked.robustness.length === 0
        ? undefined
        : await perturbHoldout({ checks: asked.robustness, open, columns, place, scored, signal })
    const report = judgeGates({
      gates,
      evidence: {
        holdout: { scored, columns: new Map() },
        baselines: new Map(),
        ...(readiness ? { readiness } : {}),
        ...(robustness ? { robustness } : {}),
      },
      defaults: gateDefaults,
    })
    const recorded = JSON.parse(JSON.stringify(report)) as typeof report
    for (const replay of replayReport(recorded)) expect(replay).toMatchObject({ agrees: true })
    return [...(report.gates[0]?.checks ?? [])]
  } finally {
    await replica.stop()
  }
}

async function championIn({ champion }: Setting): Promise<ScoringReplica> {
  if (champion === undefined) throw new Error('there is no champion')
  return champion()
}

async function one(open: Open, line: Line, setting?: Setting): Promise<CheckResult> {
  const [check] = await judged(open, [line], setting)
  if (check === undefined) throw new Error('nothing was judged')
  return check
}

describe('a sound model', () => {
  test('is ready in every respect, from one measurement', async () => {
    const results = await judged(packaged('classifier'), [
      ...['loads < 30s', 'size < 1KB', 'rss < 1GB', 'errors = 0', 'signature honoured'],
      { 'cold_start < 30s': { starts: 5 } },
      { 'latency p90 <= 2s': { rate: '100/s', duration: '500ms' } },
      { 'throughput >= 50/s': { duration: '300ms' } },
      { 'memory_growth < 500MB': { duration: '400ms' } },
      ...['parity(batch, online) <= 1e-5', 'deterministic', 'bad_input refused'],
    ])
    for (const { verdict, because } of results) expect(verdict, because).toBe('pass')
    const said = Object.fromEntries(results.map(({ id, because }) => [id, because]))
    expect(said['readiness.signature']).toBe(
      'all 3 inputs of the model are declared columns, and 65 answers had the declared types and shapes',
    )
    expect(said['readiness.bad_input']).toBe(
      '9 kinds of bad input were refused with a reason, 2 extreme ones survived, and the process lives',
    )
    expect(said['readiness.deterministic']).toMatch(
      /^64 rows got the same answers: asked twice bit for bit, in batches of 1 and 64 .*, after a restart bit for bit$/,
    )
    expect(said['readiness.cold_start']).toMatch(/at most .* \(rank 5\); 5 starts/)
  })

  test('is not called fast or slow from too few requests, and says how many are needed', async () => {
    const few = await one(packaged('classifier'), {
      'latency p99 <= 5s': { rate: '100/s', duration: '200ms' },
    })
    expect(few).toMatchObject({ verdict: 'insufficient', neededRows: 299, n: 20 })
    expect(few.because).toContain('measure about 299 requests (duration: 3s)')
  })

  test('has no peak memory where the system does not tell it', async () => {
    const open = async () => {
      const { processId: _, ...rest } = await packaged('classifier')()
      return rest
    }
    const [peak, growth] = await judged(open, [
      'rss < 1GB',
      { 'memory_growth < 1MB': { duration: '20ms' } },
    ])
    expect(peak?.verdict).toBe('insufficient')
    expect(peak?.because).toBe(
      'peak memory was not measured: this system does not tell the memory of another process (there is no /proc/…/status)',
    )
    expect(growth?.verdict).toBe('insufficient')
  })

  test('keeps the answers people agreed to; the first time it proposes them', async () => {
    const files: GoldenFiles = {
      read: (path) => readFile(join(dir, path), 'utf8').catch(() => undefined),
      async propose(path, text) {
        await writeFile(join(dir, `proposed-${path}`), text)
        return `proposed-${path}`
      },
    }
    const ask = (model: string) => one(packaged(model), 'golden requests', { golden: files })
    const first = await ask('classifier')
    expect(first.verdict).toBe('insufficient')
    expect(first.because).toContain('there is no golden.json; look at the requests')
    const proposal = await readFile(join(dir, 'proposed-golden.json'), 'utf8')
    await writeFile(join(dir, 'golden.json'), proposal)
    expect(await ask('classifier')).toMatchObject({ verdict: 'pass', n: 8 })
    const other = await ask('slow')
    expect(other.verdict).toBe('fail')
    expect(other.because).toMatch(
      /of 8 golden requests of golden.json were answered differently \(tolerance 0.00001\): holdout row \d: (label|probabilities)\[\d\] was [\d.]+ and is [\d.]+/,
    )
  })
})

describe('a slow model', () => {
  test('fails its latency by the bound, and against a fast champion', async () => {
    const [latency, ratio, throughput] = await judged(
      packaged('slow'),
      [
        { 'latency p50 <= 1ms': { rate: '40/s', duration: '1s' } },
        // Far from what is true, because machines that run tests are moody.
        { 'latency p50 <= 0.3 * champion': { rate: '40/s', duration: '1s' } },
        { 'throughput >= 20_000/s': { duration: '300ms' } },
      ],
      { champion: packaged('classifier') },
    )
    expect(latency?.verdict, latency?.because).toBe('fail')
    expect(latency?.because).toMatch(
      /^latency p50 at 40\/s is .* \(95 % bounds: at least .*allowed ≤ 1 ms$/,
    )
    expect(ratio?.verdict, ratio?.because).toBe('fail')
    expect(ratio?.because).toMatch(/of champion 7 .* in turn on this machine: .* times as long/)
    expect(throughput?.verdict, throughput?.because).toBe('fail')
  })
})

describe('a model that answers differently every time', () => {
  test('is told so, with the ways it was asked', async () => {
    const [repeats, parity] = await judged(packaged('moody'), ['deterministic', 'parity <= 1e-5'])
    expect(repeats?.verdict).toBe('fail')
    expect(repeats?.because).toMatch(
      /the same input gets different answers: asked twice .*in batches of 1 and 64 .*after a restart/,
    )
    expect(parity?.verdict).toBe('fail')
  })
})

describe('a model that dies of bad input', () => {
  test('fails, and nothing else that is measured suffers from it', async () => {
    const [bad, errors, finite, drop] = await judged(fragile(), [
      'bad_input refused',
      { 'errors = 0': { duration: '100ms' } },
      'finite(extreme_values)',
      { 'drop(roc_auc) <= 0.2': { perturb: ['typo', 'case'] } },
    ])
    expect(bad?.verdict).toBe('fail')
    expect(bad?.because).toBe(
      'bad input is not handled: the largest values was never answered; afterwards the model no longer answers good requests',
    )
    expect(errors?.verdict).toBe('pass')
    expect(finite?.verdict).toBe('fail')
    expect(finite?.because).toContain('the largest job: no answer')
    expect(drop?.verdict, drop?.because).toBe('pass')
  })
})

describe('a model beside a champion with another signature', () => {
  test('breaks its callers when it asks for more than they send', async () => {
    const champion = packaged('classifier')
    const found = await one(packaged('classifier-with-city'), 'compatible_with champion', {
      champion,
    })
    expect(found).toMatchObject({
      verdict: 'fail',
      because:
        'callers of champion 7 would break: input hours was INT64 and is FP32; input city is new, and its callers do not send it',
    })
  })

  test('serves them on when it asks for the same', async () => {
    const found = await one(packaged('classifier'), 'compatible_with champion', {
      champion: packaged('slow'),
    })
    expect(found).toMatchObject({
      verdict: 'pass',
      because: 'callers of champion 7 notice nothing: 3 inputs and 2 outputs fit theirs',
    })
  })

  test('the first release has nobody to break', async () => {
    const lines = ['compatible_with champion', 'latency p99 <= 1.2 * champion']
    for (const { verdict, because } of await judged(packaged('classifier'), lines))
      expect([verdict, because]).toEqual(['skipped', 'no champion yet'])
  })
})

describe('perturbed rows', () => {
  test('cost what they cost, each perturbation with its own bounds', async () => {
    const [drop, flips, order, monotone] = await judged(packaged('classifier'), [
      { 'drop(roc_auc) <= 0.01': { perturb: ['noise(0.1sd)', 'unseen_category(100%)'] } },
      { 'flips <= 1%': { perturb: ['column_order', 'extra_columns'] } },
      { 'flips <= 1%': { perturb: ['permute(job)'] } },
      'monotone(score, age, up)',
    ])
    expect(drop?.verdict).toBe('fail')
    expect(drop?.because).toMatch(/fails for unseen_category\(100%\) 0\.\d+/)
    expect(flips?.verdict, flips?.because).toBe('pass')
    expect(order?.verdict).toBe('fail')
    expect(monotone?.because).toBe(
      'the score never falls when age rises: so it is for 200 rows at 11 values each',
    )
    const down = await one(packaged('classifier'), 'monotone(score, age, down)')
    expect(down.because).toMatch(/not so for 200 of 200 rows, by up to/)
  })

  test('what cannot be done to this model is no pass', async () => {
    const found = await one(packaged('classifier'), {
      'flips <= 1%': { perturb: ['noise(0.1sd)'], columns: ['agee'] },
    })
    expect(found.verdict).toBe('insufficient')
    expect(found.because).toContain('the model takes no column agee; it takes age, hours, job')
  })
})

describe('what the project declares', () => {
  const lines = [
    ...['owner named', 'runbook exists', 'monitored', 'monitored in staging'],
    { 'rollback rehearsed in staging': { within: '90d' } },
  ]

  test('is asked for where it is missing', async () => {
    const results = await judged(packaged('classifier'), lines)
    expect(results.map(({ verdict }) => verdict)).toEqual(new Array(5).fill('fail'))
    expect(results.map(({ because }) => because.split(':')[0])).toEqual([
      'nobody owns the model',
      'no runbook is named',
      'no environment has a monitor',
      'nothing watches staging',
      'no rollback was ever done in staging',
    ])
  })

  test('and named where it is there', async () => {
    const day = 86_400_000
    const operation: OperationEvidence = {
      owner: 'olga',
      runbook: { path: 'RUNBOOK.md', state: 'there' },
      monitors: [{ name: 'drift', environment: 'staging' }],
      environments: ['staging'],
      rollbacks: [{ environment: 'staging', at: 10 * day, release: '6', how: 'asked' }],
      now: 20 * day,
    }
    const results = await judged(packaged('classifier'), lines, { operation })
    for (const { verdict, because } of results) expect(verdict, because).toBe('pass')
    const late = await judged(packaged('classifier'), lines, {
      operation: { ...operation, now: 120 * day },
    })
    expect(late.at(-1)).toMatchObject({ verdict: 'fail' })
    expect(late.at(-1)?.because).toContain('of release 6 in staging 110d 0h ago')
  })
})

describe('a run', () => {
  test('is judged again when a file that a check reads has changed', async () => {
    const stage = await RunStage.open()
    try {
      const gates = '[owner named, runbook exists, golden requests, deterministic]'
      const declared = project
        .replace('artifact: model.onnx}', 'artifact: model.onnx, owner: olga, runbook: RUNBOOK.md}')
        .replace('[{errors = 0: {duration: 50ms}}]', gates)
      await stage.write('lockstep.yaml', declared)
      const first = await stage.run()
      expect(first.because).toContain('the runbook RUNBOOK.md is not in the project')
      await stage.write('RUNBOOK.md', 'call olga')
      const proposal = await readFile(join(stage.dir, '.lockstep', 'golden', 'golden.json'), 'utf8')
      await stage.write('golden.json', proposal)
      const second = await stage.run()
      expect([second.phase, second.because]).toEqual([
        'succeeded',
        expect.stringContaining('every gate held'),
      ])
      expect(await stage.run()).toMatchObject({ phase: 'unchanged' })
      await stage.write('golden.json', proposal.replace(/"data":\[0\.\d+/, '"data":[0.123'))
      const changed = await stage.run()
      expect(changed.phase).toBe('failed')
      expect(changed.because).toMatch(
        /1 of 8 golden requests of golden.json were answered differently/,
      )
    } finally {
      await stage.close()
    }
  })
})
