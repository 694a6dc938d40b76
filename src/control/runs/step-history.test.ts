import { describe, expect, test } from 'vitest'
import type { StepResult } from '../../build/pipeline/step-run.ts'
import { plainStep } from '../../project/step-spec.ts'
import { partOf } from './part-of-pipeline.ts'
import { createRun, type Run, type StepRecord, untraced } from './run.ts'
import { partSentence } from './run-part.ts'
import { historyOf } from './step-history.ts'

function run(steps: Partial<StepRecord>[]): Run {
  const { object } = createRun({
    ...{ id: 'run_1', model: 'm', number: 1, startedBy: 'person:olga', trigger: 'person' },
    ...{ cause: 'test', force: false, now: 0, parentId: null },
  })
  return {
    ...{ revision: 1, createdAt: 0, updatedAt: 0, ...object },
    steps: steps.map((step) => ({
      ...{ name: 'train', declaredAs: 'train', verdict: 'ran', because: '', key: null },
      ...{ logDigest: null, startedAt: 0, finishedAt: 0, attempt: 1, expectedMs: null },
      ...{ outputs: [], metrics: {}, reads: untraced },
      ...step,
    })),
  } as Run
}

const digest = `sha256:${'a'.repeat(64)}` as const

describe('how long a step takes', () => {
  test('the median of what steps of its declaration took; known results say nothing', () => {
    const history = historyOf([
      run([
        { name: 'train@1', finishedAt: 10 },
        { name: 'train@2', finishedAt: 30 },
        { name: 'train@3', finishedAt: 1, verdict: 'hit' },
      ]),
      run([{ finishedAt: 20 }, { finishedAt: 500, verdict: 'failed' }]),
    ])
    expect(history.expectedMs('train')).toBe(20)
    expect(history.expectedMs('other')).toBeNull()
  })

  test('old times are forgotten', () => {
    const newest = Array.from({ length: 15 }, () => ({ finishedAt: 5 }))
    expect(historyOf([run(newest), run([{ finishedAt: 9000 }])]).expectedMs('train')).toBe(5)
  })

  test('what the attempt behind a known result read is remembered', () => {
    const reads = { traced: true, undeclared: ['/home/olga/x'] }
    const history = historyOf([
      run([{ key: digest, reads: untraced }]),
      run([{ key: digest, reads }]),
    ])
    expect(history.readsBehind(digest)).toEqual(reads)
  })
})

describe('a part of the pipeline', () => {
  const step = (name: string, inputs: string[], outputs: string[], declaredAs = name) => ({
    ...plainStep,
    ...{ name, declaredAs, command: { argv: ['x'] }, inputs, outputs },
  })
  const steps = [
    step('prepare', ['raw.csv'], ['data.csv']),
    step('train@1', ['data.csv'], ['m1'], 'train'),
    step('train@2', ['data.csv'], ['m2'], 'train'),
    step('report', ['data.csv'], ['report.html']),
  ]
  const scope = { to: [], only: [], forced: [], parallelism: null, traceReads: false }

  test('is one that leaves a step out', () => {
    expect(partOf(steps, scope)).toBeNull()
    expect(partOf(steps, { ...scope, to: ['train'] })?.leftOut).toEqual(['report'])
    expect(partOf(steps, { ...scope, to: ['train', 'report'] })).toBeNull()
    expect(partOf(steps, { ...scope, only: ['train'] })?.leftOut).toEqual(['prepare', 'report'])
  })

  test('says what it made, and why it is no release', () => {
    const part = partOf(steps, { ...scope, to: ['prepare'] })
    if (!part) throw new Error('it is a part')
    const output = { path: 'data.csv', kind: 'file', mode: '0644', digest, size: 1500 } as const
    const ended = { key: null, because: '', hint: null, startedAt: null, finishedAt: null }
    const result: StepResult = {
      ...{ name: 'prepare', verdict: 'ran' as const, outputs: [output], ...ended },
      ...{ exitCode: 0, logPath: null, logDigest: null, attempts: 1 },
    }
    expect(partSentence(part, [result])).toBe(
      'a part of the pipeline (up to prepare): made data.csv (1.5 KB); no gates and no release, because a release needs every step',
    )
    expect(partSentence(part, [])).toContain('every result was known')
  })
})
