import { describe, expect, test } from 'vitest'
import { plainStep, type StepSpec } from '../../project/step-spec.ts'
import { assessReproducibility } from './reproducibility.ts'
import type { ReadsRecord, RunCode } from './run.ts'

const clean: RunCode = { commit: 'c'.repeat(40), committedAt: 0, dirty: false, authors: [] }
const locked = { kind: 'python', lock: 'requirements.txt' } as const
const nothingElse: ReadsRecord = { traced: true, undeclared: [] }

function assess(
  change: Partial<StepSpec>,
  facts: { readonly code?: RunCode | null; readonly reads?: ReadsRecord } = {},
) {
  const step: StepSpec = {
    ...plainStep,
    ...{ name: 'train', declaredAs: 'train', command: { argv: ['python', 'train.py'] } },
    ...{ runtime: locked, ...change },
  }
  const { code = clean, reads } = facts
  const run = { code, steps: reads ? [{ name: 'train', reads }] : [] }
  const { level, reasons } = assessReproducibility({ run, spec: { steps: [step] } })
  return { level, codes: reasons.map((reason) => reason.code), reasons }
}

describe('what records prove about a rebuild', () => {
  test('everything pinned and nothing else read: it can be run again', () => {
    expect(assess({}, { reads: nothingElse })).toMatchObject({ level: 'R1', codes: [] })
  })

  test('steps of Lockstep itself need neither a lock nor a trace', () => {
    const command = { argv: ['lockstep', 'train', 'baseline', '--data', 'a.parquet'] }
    expect(assess({ command, runtime: null })).toMatchObject({ level: 'R1' })
  })

  test('unless they reach out of their work folder', () => {
    const command = { argv: ['lockstep', 'data', 'select', '--from', '/data/a.parquet'] }
    expect(assess({ command, runtime: null }).codes).toEqual(['env-unlocked', 'reads-untraced'])
  })

  test.each([
    ['env-unlocked', { runtime: null }, { reads: nothingElse }],
    ['reads-untraced', {}, {}],
    ['undeclared-read', {}, { reads: { traced: true, undeclared: ['/home/olga/x.csv'] } }],
    ['code-dirty', {}, { reads: nothingElse, code: { ...clean, dirty: true } }],
    ['code-dirty', {}, { reads: nothingElse, code: null }],
    ['secret-dependent', { secrets: [{ name: 'T', from: { env: 'T' } }] }, { reads: nothingElse }],
    [
      'input-unpinned',
      { command: { shell: 'curl https://example.org/a.csv > a.csv' } },
      { reads: nothingElse },
    ],
  ] as const)('%s takes it down to R0, in a sentence', (code, change, facts) => {
    const assessed = assess(change, facts)
    expect(assessed).toMatchObject({ level: 'R0', codes: [code] })
    expect(assessed.reasons[0]?.sentence).toMatch(/^(step train|the (project|files)) /)
  })
})
