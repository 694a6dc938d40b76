// The order of rows in the file is no evidence: the same rows shuffled give the same verdicts and the same recorded numbers.
import { describe, expect, it } from 'vitest'
import { randomStream } from '../../../foundation/random.ts'
import { type BinaryScored, selectRows } from '../../metrics/scored.ts'
import { keyOfText } from '../../metrics/units.ts'
import { hasProblems } from '../check-spec.ts'
import { familyOf } from '../families.ts'
import type { GateEvidenceInput } from '../gate-evidence.ts'
import { judgeCheck } from '../judge-check.ts'
import { gateDefaults } from '../judge-gates.ts'
import { parseCheck } from '../language/parse-check.ts'

const rows = 600
const random = randomStream('row order', 'test')
const people = Array.from({ length: rows }, () => random.below(120))
const plans = Array.from({ length: rows }, () => ['basic', 'pro', 'team'][random.below(3)] ?? '')
const labels = Uint8Array.from({ length: rows }, () => (random.next() < 0.4 ? 1 : 0))
const answers = (): Float64Array =>
  Float64Array.from(labels, (label) => 1 / (1 + Math.exp(0.6 - 1.5 * label - random.normal())))
const shape = { task: 'binary' as const, labels, threshold: 0.5 }
const [own, champion]: BinaryScored[] = [
  { ...shape, scores: answers() },
  { ...shape, scores: answers() },
]

const order = Uint32Array.from({ length: rows }, (_, at) => at)
for (let at = rows - 1; at > 0; at--) {
  const other = random.below(at + 1)
  const held = order[at] ?? 0
  order[at] = order[other] ?? 0
  order[other] = held
}

type Carried = Partial<Pick<BinaryScored, 'clusters' | 'clusterKeys' | 'rowKeys'>>

/** As `holdout-columns.ts` reads entities: numbered in the order of their first rows. */
function byPerson(at: Uint32Array): Carried {
  const numbers = new Map<number, number>()
  const clusters = at.map((row) => {
    const person = people[row] ?? 0
    if (!numbers.has(person)) numbers.set(person, numbers.size)
    return numbers.get(person) ?? 0
  })
  return { clusters, clusterKeys: at.map((row) => keyOfText(`number:${people[row]}`)) }
}

const byRow = (at: Uint32Array): Carried => ({
  rowKeys: at.map((row) => keyOfText(`number:${1000 + row}`)),
})

function evidence(at: Uint32Array, carried: Carried): GateEvidenceInput {
  if (own === undefined || champion === undefined) throw new Error('no models')
  const pick = (scored: BinaryScored) => ({ ...selectRows(scored, at), ...carried })
  const columns = new Map([['plan', Array.from(at, (row) => plans[row] ?? '')]])
  return {
    holdout: { scored: pick(own), columns },
    champion: { release: '1', scored: pick(champion) },
    baselines: new Map(),
  }
}

function judged(line: string, options: Record<string, unknown>, input: GateEvidenceInput) {
  const spec = parseCheck(line, options)
  if (hasProblems(spec)) throw new Error(spec.problems[0]?.message)
  const statistics = familyOf(spec.kind).measure(spec, input, gateDefaults)
  return judgeCheck(spec, statistics, gateDefaults)
}

const lines: readonly (readonly [string, Record<string, unknown>])[] = [
  ['accuracy >= 0.7', {}],
  ['roc_auc >= champion - 0.05', {}],
  ['average_precision >= champion - 0.05', {}],
  ['average_precision >= 0.6', {}],
  ['mcc >= 0.2', {}],
  ['log_loss <= champion + 0.05', {}],
  ['brier <= 0.25', {}],
  ['f1 >= champion - 0.05', { each: 'plan' }],
  ['gap(log_loss) <= 0.2', { by: 'plan' }],
  ['gap(tpr) <= 0.2', { by: 'plan' }],
]

describe.each([
  ['rows of people', byPerson],
  ['rows with a key', byRow],
])('%s, shuffled', (_, carriedAt) => {
  const straight = Uint32Array.from({ length: rows }, (__, at) => at)
  it.each(lines)('%s', (line, options) => {
    const one = judged(line, options, evidence(straight, carriedAt(straight)))
    const other = judged(line, options, evidence(order, carriedAt(order)))
    expect(one.verdict).not.toBe('error')
    expect(other.verdict).toBe(one.verdict)
    const sorted = JSON.stringify(other.statistics)
    if (line.includes('gap') || options.each !== undefined) {
      // Groups and slices are listed in the order in which they are met.
      expect([...sorted].sort().join('')).toBe([...JSON.stringify(one.statistics)].sort().join(''))
    } else expect(sorted).toBe(JSON.stringify(one.statistics))
  })
})
