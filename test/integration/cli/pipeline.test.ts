// The verbs that show a pipeline: plan, graph, a run while it goes on, its metrics and its logs.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type {
  GraphView,
  PlanQuery,
  PlanStepView,
  PlanView,
} from '../../../src/api/contract/pipeline-routes.ts'
import type { LockstepApi } from '../../../src/api/contract/routes.ts'
import type { StepView } from '../../../src/api/contract/run-views.ts'
import { oneByOne, play, startOfTest } from './fake-world.ts'
import { plain, runView } from './sample-views.ts'

function planStep(name: string, change: Partial<PlanStepView> = {}): PlanStepView {
  return {
    ...{ name, declaredAs: name.replace(/@.*/, ''), decision: 'hit', because: 'nothing changed' },
    ...{ changes: [], waitsFor: [], expectedMs: null, key: 'k' },
    ...change,
  }
}

const quiet: PlanView = {
  ...{ steps: [planStep('prepare')], hits: 1, runs: 0, waits: 0, parallelism: 2, expectedMs: 0 },
  ...{ workMs: 0, unknown: 0, criticalPath: [], criticalMs: 0 },
  afterwards: 'nothing: run 3 had the same inputs',
}

const busy: PlanView = {
  ...quiet,
  steps: [
    planStep('prepare'),
    ...['1', '2', '3', '4'].map((seed) =>
      planStep(`train@${seed}`, {
        decision: 'run',
        because: 'parameter train.C changed from 1 to 0.5',
        expectedMs: 10_000,
      }),
    ),
    planStep('report', { decision: 'waits', because: 'its inputs are known once train@1 ran' }),
  ],
  ...{ runs: 4, waits: 1, expectedMs: 20_000, workMs: 40_000, unknown: 1 },
  ...{ criticalPath: ['train@1', 'report'], criticalMs: 10_000 },
  afterwards: 'the gates judge the model; a release when they hold',
}

describe('plan', () => {
  test('exit 0 and one sentence when nothing would run', async () => {
    const { code, out } = await play('plan', { api: { plan: async () => quiet } })
    expect(code).toBe(0)
    expect(out).toContain('nothing would run: 1 known result')
    expect(out).toContain('then: nothing: run 3 had the same inputs')
  })

  test('exit 7 when something would; steps of one declaration are one line, with the time in all', async () => {
    const { code, out } = await play('plan', { api: { plan: async () => busy } })
    expect(code).toBe(7)
    expect(out).toBe(
      [
        '✓ known  prepare           nothing changed',
        '▸ run    train ×4  ~40.0 s  parameter train.C changed from 1 to 0.5',
        '· waits  report             its inputs are known once train@1 ran',
        '',
        '4 steps would run, then at most 1 more step; 1 known result',
        'about 20.0 s with 2 at once (40.0 s of work; longest chain train@1 → report, 10.0 s; of 1 step the time is not known)',
        'then: the gates judge the model; a release when they hold',
        '',
      ]
        .join('\n')
        .replace('prepare           nothing', 'prepare            nothing'),
    )
  })

  test('the choice of steps goes along; --json is the whole view', async () => {
    const asked: PlanQuery[] = []
    const api: Partial<LockstepApi> = {
      plan: async (query) => {
        asked.push(query)
        return busy
      },
    }
    const played = await play('plan --to train report --force-step train -j 4 --json', { api })
    expect(asked).toEqual([{ to: ['train', 'report'], forceSteps: ['train'], parallelism: 4 }])
    expect(played.json()).toEqual(busy)
    expect(played.callers[0]?.purpose).toBe('read')
  })

  test.each([
    ['plan --to a --only b', '--to and --only exclude each other'],
    ['plan -j 0', '--jobs is 0'],
    ['plan -j many', "--jobs is 'many'"],
  ])('%s is a usage error', async (line, message) => {
    const { code, err } = await play(line, { api: { plan: async () => quiet } })
    expect(code).toBe(2)
    expect(err).toContain(message)
  })
})

const graph: GraphView = {
  ...{ project: 'income', model: 'model.onnx', run: 4 },
  steps: [
    {
      ...{ name: 'prepare', declaredAs: 'prepare', after: [], inputs: ['raw.csv'] },
      ...{ outputs: ['data.csv'], verdict: 'hit', expectedMs: 400 },
    },
    {
      ...{ name: 'train', declaredAs: 'train', inputs: [], outputs: ['model.onnx'] },
      after: [{ step: 'prepare', files: ['data.csv'] }],
      ...{ verdict: 'ran', expectedMs: 20_000 },
    },
  ],
}

describe('graph', () => {
  const api = { graph: async () => graph }

  test('boxes with what became of each step', async () => {
    const { code, out } = await play('graph', { api })
    expect(code).toBe(0)
    expect(out).toContain('│ ✓ prepare │')
    expect(out).toContain('income, up to run 4')
  })

  test('a list where the boxes do not fit', async () => {
    const wide = Array.from({ length: 20 }, (_, index) => ({
      ...{ name: `step-${index}`, declaredAs: `step-${index}`, after: [], inputs: [] },
      ...{ outputs: [], verdict: null, expectedMs: null },
    }))
    const { out } = await play('graph', { api: { graph: async () => ({ ...graph, steps: wide }) } })
    expect(out).not.toContain('╭')
    expect(out).toContain('· step-19')
  })

  test('an SVG file, or on standard output and nothing else', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'lockstep-graph-'))
    try {
      const { out } = await play('graph --svg p.svg', { api, cwd })
      expect(out).toBe('wrote p.svg\n')
      const svg = await readFile(join(cwd, 'p.svg'), 'utf8')
      expect(svg).toContain('income pipeline')
      expect((await play('graph --svg -', { api })).out).toBe(svg)
    } finally {
      await rm(cwd, { recursive: true })
    }
  })

  test('Mermaid for a README', async () => {
    const { out } = await play('graph --mermaid', { api })
    expect(out).toContain('flowchart LR')
    expect(out).toContain('s1 -->|"data.csv"| s2')
  })
})

const began = new Date(startOfTest - 3000).toISOString()

function step(name: string, change: Partial<StepView> = {}): StepView {
  return {
    ...{ name, verdict: 'waiting', because: '', startedAt: null, durationMs: null, key: null },
    ...plain(name),
    ...change,
  }
}

describe('a run while it goes on', () => {
  const going = runView({
    ...{ phase: 'running', release: null, gates: [], createdAt: began },
    steps: [
      step('prepare', { verdict: 'hit' }),
      step('train', { verdict: 'running', startedAt: began, expectedMs: 20_000 }),
    ],
  })

  test('a terminal shows what runs, for how long, and how long the rest should take', async () => {
    const api: Partial<LockstepApi> = {
      startRun: async () => runView({ phase: 'queued', steps: [] }),
      run: oneByOne(going, runView()),
      graph: async () => graph,
    }
    const { err } = await play('run --no-color', { api, isTTY: true })
    expect(err).toContain('▸ run 4  1/2 steps  3.0 s  about 17.0 s left')
    expect(err).toContain('  ▸  train  3.0 s of about 20.0 s')
    expect(err).toContain('\u001b[1A')
  })

  test('a file gets lines that stay', async () => {
    const api = {
      startRun: async () => runView({ phase: 'queued', steps: [] }),
      run: oneByOne(going, runView()),
    }
    const { err } = await play('run', { api })
    expect(err).not.toContain('\r')
    expect(err).toContain('▸ running    train')
  })

  test('--logs interleaves what steps print, each behind its name', async () => {
    const at = '2026-01-05T09:00:00.000Z'
    const asked: unknown[] = []
    const logs = oneByOne(
      [
        { at, source: 'a', line: 'one' },
        { at, source: 'train', line: 'two' },
      ],
      [{ at, source: 'a', line: 'three' }],
      [],
    )
    const api: Partial<LockstepApi> = {
      startRun: async () => runView({ phase: 'queued', steps: [] }),
      run: oneByOne(going, going, runView()),
      logs: async (query) => {
        asked.push(query)
        return logs()
      },
    }
    const { err } = await play('run --logs', { api })
    expect(err).toContain('09:00:00 a │ one\n09:00:00 train │ two\n')
    expect(err).toContain('09:00:00 a     │ three')
    expect(asked).toEqual([0, 2, 3].map((after) => ({ run: 'run_4', after })))
  })

  test('what was chosen goes with the run', async () => {
    const asked: unknown[] = []
    const api: Partial<LockstepApi> = {
      startRun: async (input) => {
        asked.push(input)
        return runView()
      },
      run: async () => runView({ release: null, because: 'a part of the pipeline (up to train)' }),
    }
    const { code, out } = await play('run --to train -j 2 --trace-reads', { api })
    expect(asked).toEqual([{ to: ['train'], parallelism: 2, traceReads: true }])
    expect(code).toBe(0)
    expect(out).toContain('a part of the pipeline')
    expect(out).toContain('next: lockstep run, for the gates and a release')
  })
})

describe('what a run left', () => {
  test('metrics beside the run before, replicates with their deviation', async () => {
    const run = runView({
      metrics: [
        {
          ...{ step: 'train', name: 'auc', mean: 0.9124, sd: 0.0031, n: 5 },
          before: { run: 3, mean: 0.9081, sd: 0.0025, n: 5 },
        },
        { step: 'report', name: 'rows', mean: 1200, sd: null, n: 1, before: null },
      ],
    })
    const { out } = await play('runs 4', { api: { run: async () => run } })
    expect(out).toMatch(
      /train {3}auc {3}0\.9124 ± 0\.0031 \(n = 5\) {2}\+0\.0043 {2}run 3: 0\.9081/,
    )
    expect(out).toMatch(/report {2}rows {2}1,200/)
  })

  test('reads that no step declared', async () => {
    const reads = { traced: true, undeclared: ['/home/dana/old.csv'] }
    const run = runView({ steps: [step('train', { verdict: 'ran', reads })] })
    const { out } = await play('runs 4', { api: { run: async () => run } })
    expect(out).toContain('! train read what it does not declare: /home/dana/old.csv')
  })

  test('many steps of one declaration are one line', async () => {
    const steps = Array.from({ length: 12 }, (_, index) =>
      step(`train@${index}`, {
        ...{ declaredAs: 'train', verdict: 'ran', durationMs: 1000 },
      }),
    )
    const { out } = await play('runs 4', { api: { run: async () => runView({ steps }) } })
    expect(out).toMatch(/✓ ran {2}train ×12 {2}12\.0 s/)
  })
})
