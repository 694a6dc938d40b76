// The verbs that look at gates, against a scripted control plane: text for people, documents for tools.
import { expect, test } from 'vitest'
import type { GateChecksView, WeakSlicesInput } from '../../../src/api/contract/gate-routes.ts'
import { play } from './fake-world.ts'

const checks: GateChecksView = {
  ...{ run: 4, release: null, verdict: 'fail', outcome: 'The run failed.', attempts: null },
  checks: [
    {
      ...{ gate: 'quality', id: 'quality.roc_auc', written: 'roc_auc >= 0.9', verdict: 'fail' },
      ...{ text: 'roc_auc >= 0.9', because: 'ROC AUC is 0.85', method: 'DeLong', n: 10 },
      ...{ estimate: 0.85, lower: 0.8, upper: 0.88, limit: 0.9, neededRows: null, beside: [] },
      ...{ line: 7, waiver: null },
    },
  ],
}
const api = {
  gateChecks: async () => checks,
  gateReport: async () => ({
    ...{ run: 4, verdict: 'fail' as const, format: 'markdown' as const, text: '### Gates\n' },
  }),
}

test('a report is text in a terminal, Markdown where it is piped, and a document with --json', async () => {
  const seen = await play('gate report', { api, isTTY: true })
  expect(seen.out).toContain('ROC AUC is 0.85')
  expect((await play('gate report', { api })).out).toBe('### Gates\n')
  expect((await play('gate report --format text', { api })).out).toContain('✗ fail  roc_auc >= 0.9')
  expect((await play('gate report --format text --json', { api })).json()).toEqual(checks)
  const wrong = await play('gate report --format pdf', { api })
  expect(wrong.code).toBe(2)
  expect(wrong.err).toContain("'pdf' is no form of a report")
})

test('a name that holds an escape sequence is shown, not obeyed', async () => {
  const hostile = 'red\u001b[2Jtown'
  const bad = checks.checks.map((one) => ({ ...one, written: hostile, because: hostile }))
  const gateChecks = async () => ({ ...checks, checks: bad })
  const { out } = await play('gate report', { api: { gateChecks }, isTTY: true })
  expect(out).toContain('red[U+001B][2Jtown')
  expect(out).not.toContain('\u001b[2J')
})

test('gate slices passes on what to look at, and refuses a number it cannot use', async () => {
  const asked: WeakSlicesInput[] = []
  const weakSlices = async (input: WeakSlicesInput) => {
    asked.push(input)
    return {
      ...{ run: 12, metric: { name: 'recall', words: 'recall', better: 'higher' as const } },
      ...{ rows: 10, overall: null, isStored: true, minSupport: 30, falseDiscovery: 0.05 },
      ...{ searched: 0, searchRows: 5, confirmRows: 5, slices: [], skipped: [] },
      declaration: null,
    }
  }
  const line = 'gate slices 12 --metric recall --columns region,plan --most 3'
  const { code, out } = await play(line, { api: { weakSlices } })
  expect(code).toBe(0)
  expect(out).toContain('recall of run 12: undefined over 10 rows')
  expect(asked).toEqual([{ subject: '12', metric: 'recall', columns: ['region', 'plan'], most: 3 }])
  expect((await play('gate slices --most 0', { api: { weakSlices } })).code).toBe(2)
})
