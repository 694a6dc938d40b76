import { describe, expect, it } from 'vitest'
import { TestClock } from '../../../test/support/test-clock.ts'
import { digestOf } from '../../foundation/digest.ts'
import type { StepSpec } from '../../project/step-spec.ts'
import type { ContentStore } from '../artifacts/content-store.ts'
import { memoryFileIndex } from '../artifacts/file-index.ts'
import type { ActionRecord } from './action-cache.ts'
import { memoryActionCache } from './action-cache.ts'
import { buildGraph } from './graph.ts'
import { judgeStep } from './judge-step.ts'
import { noRuntimes } from './no-runtimes.ts'
import type { PlanRequest, PreparedPipeline } from './pipeline-request.ts'
import { planSteps } from './plan.ts'
import { boundless } from './run-capacity.ts'
import type { StepOutput } from './step-run.ts'
import { aStep } from './test-steps.ts'

const steps = [
  aStep('clean', { inputs: ['raw.csv'], outputs: ['clean.csv'] }),
  aStep('train', { inputs: ['clean.csv'], outputs: ['model'], seed: 1 }),
  aStep('report', { inputs: ['raw.csv'], outputs: ['report.txt'] }),
]
const cleaned: StepOutput = {
  ...{ path: 'clean.csv', kind: 'file', digest: digestOf('clean'), size: 5, mode: '0644' },
}

/** A pipeline over one project file with the given text, and a store that holds everything but what was lost. */
function prepare(given: {
  readonly steps?: readonly StepSpec[]
  readonly raw?: string
  readonly actions?: ReturnType<typeof memoryActionCache>
  readonly lost?: string
  readonly force?: PlanRequest['force']
}): PreparedPipeline {
  const { steps: declared = steps, raw = 'raw', actions = memoryActionCache(), lost, force } = given
  const graph = buildGraph(declared)
  if ('problems' in graph) throw new Error('the test declares a broken pipeline')
  const rawEntry = { path: 'raw.csv', mode: '0644', size: 3, digest: digestOf(raw) } as const
  const store = {
    holds: async (one: { digest: string }) => one.digest !== lost,
  } as unknown as ContentStore
  return {
    graph,
    selected: graph.steps,
    snapshot: {
      inputs: new Map([
        [
          'raw.csv',
          { ...rawEntry, kind: 'file', isEmpty: false, entries: () => [rawEntry] } as const,
        ],
      ]),
      stampOf: () => undefined,
      paths: () => ['raw.csv'],
      hashed: 0,
    },
    runtimes: new Map(),
    request: {
      ...{ steps: declared, projectDir: '/nowhere', store, index: memoryFileIndex(), actions },
      ...{ params: new Map(), lockstepVersion: '1', clock: new TestClock() },
      ...{ runtimes: noRuntimes, machineEnvironment: {}, capacity: boundless },
      ...(force === undefined ? {} : { force }),
    },
  }
}

async function afterCleaning(raw = 'raw'): Promise<ReturnType<typeof memoryActionCache>> {
  const actions = memoryActionCache()
  const [clean] = steps
  if (clean === undefined) throw new Error('no step')
  const { key, document } = await judgeStep(prepare({ raw }), clean, [])
  const record: ActionRecord = { key, step: 'clean', document, outputs: [cleaned], recordedAt: 0 }
  await actions.record(record)
  return actions
}

async function decisions(prepared: PreparedPipeline): Promise<string[]> {
  return (await planSteps(prepared)).map((step) => `${step.name} ${step.decision}: ${step.because}`)
}

describe('the plan', () => {
  it('runs what never ran, and lets wait what reads from it', async () => {
    expect(await decisions(prepare({}))).toEqual([
      'clean run: it has not run before',
      'report run: it has not run before',
      'train waits_for: its inputs are known once clean ran',
    ])
  })

  it('knows the inputs of a step whose upstream result is known', async () => {
    expect(await decisions(prepare({ actions: await afterCleaning() }))).toEqual([
      'clean hit: nothing changed since 1970-01-01T00:00:00.000Z',
      'report run: it has not run before',
      'train run: it has not run before',
    ])
  })

  it('names what changed since the step ran', async () => {
    const [first = ''] = await decisions(prepare({ actions: await afterCleaning(), raw: 'new' }))
    expect(first).toMatch(/^clean run: input raw\.csv changed \(\w{12} → \w{12}\)$/)
  })

  it('does not trust a record whose output is gone, and obeys force', async () => {
    const actions = await afterCleaning()
    const lost = cleaned.digest
    expect((await decisions(prepare({ actions, lost })))[0]).toBe(
      'clean run: its known output clean.csv is no longer complete in the content store',
    )
    expect((await decisions(prepare({ actions, force: ['clean'] })))[0]).toBe(
      'clean run: it was forced',
    )
  })

  it('is the same whatever the order of declaration', async () => {
    const actions = await afterCleaning()
    const turned = await planSteps(prepare({ actions, steps: [...steps].reverse() }))
    const straight = await planSteps(prepare({ actions }))
    const byName = (a: { name: string }, b: { name: string }) => (a.name < b.name ? -1 : 1)
    expect([...turned].sort(byName)).toEqual([...straight].sort(byName))
  })
})
