// What a model answers, judged: the same again, as it was in training, as people agreed to, and a reason where a request is wrong.
import type { AnswerDifference } from '../../readiness/compare-answers.ts'
import type { ReadinessStatistics } from '../../readiness/readiness-statistics.ts'
import { formatCount, formatOp } from '../../statistics/number-words.ts'
import { judgeExactly } from '../../statistics/verdict.ts'
import { insufficient, type Judgement } from '../check-result.ts'
import type { ReadinessCheckSpec } from '../check-spec.ts'

type Of<M extends ReadinessStatistics['method']> = Extract<ReadinessStatistics, { method: M }>

export function judgeRepeats(spec: ReadinessCheckSpec, { repeats }: Of<'repeats'>): Judgement {
  const method = 'answers compared'
  const rows = Math.min(...repeats.map(({ difference }) => difference.rows))
  if (repeats.length === 0 || rows === 0) return insufficient('no row could be asked twice', method)
  const wrong = repeats.flatMap(({ way, difference }) => {
    const fault = faultOf(difference, spec.limit)
    return fault === undefined ? [] : [`${way} ${fault}`]
  })
  const allowed = `allowed is a difference ≤ ${spec.limit}`
  if (wrong.length > 0) {
    const because = `the same input gets different answers: ${wrong.join('; ')}; ${allowed}`
    return { verdict: 'fail', because, method, limit: spec.limit, n: rows }
  }
  const ways = repeats.map(({ way, difference }) =>
    difference.numbersDiffering === 0
      ? `${way} bit for bit`
      : `${way} within ${short(difference.maxDifference ?? 0)}`,
  )
  const because = `${formatCount(rows)} rows got the same answers: ${ways.join(', ')}`
  return { verdict: 'pass', because, method, limit: spec.limit, n: rows }
}

export function judgeParity(spec: ReadinessCheckSpec, found: Of<'parity'>): Judgement {
  const method = 'answers compared'
  const sides = 'in a batch and alone'
  const { rows, maxDifference, labels, labelsDiffering } = found
  if (rows === 0) return insufficient(`no row was scored both ${sides}`, method)
  const agreement =
    labels === 0
      ? ''
      : `, ${formatCount(labels - labelsDiffering)} of ${formatCount(labels)} labels agree`
  const size =
    maxDifference === null ? 'is a number on one side only' : `is ${short(maxDifference)}`
  const value = maxDifference ?? Number.POSITIVE_INFINITY
  const held = labelsDiffering === 0 && judgeExactly(value, spec.op, spec.limit) === 'pass'
  return {
    verdict: held ? 'pass' : 'fail',
    because: `the largest difference of a row scored ${sides} ${size} over ${formatCount(rows)} rows${agreement}, allowed ${formatOp(spec.op)} ${short(spec.limit)}`,
    method,
    ...(maxDifference === null ? {} : { estimate: maxDifference }),
    limit: spec.limit,
    n: rows,
  }
}

export function judgeTrainingParity(
  spec: ReadinessCheckSpec,
  found: Of<'training_parity'>,
): Judgement {
  const { rows, maxDifference, worstRow, packaged, training, agreeing } = found
  if (rows === 0) return insufficient('no row has both predictions', 'predictions compared')
  const agreement =
    agreeing === null ? '' : `; ${formatCount(agreeing)} of ${formatCount(rows)} labels agree`
  const where =
    maxDifference === 0 ? '' : ` (row ${worstRow}: ${training} in training, ${packaged} served)`
  const differs = agreeing !== null && agreeing < rows
  const verdict = differs ? 'fail' : judgeExactly(maxDifference, spec.op, spec.limit)
  return {
    verdict,
    because: `what is served differs from what training predicted by at most ${short(maxDifference)} over ${formatCount(rows)} rows${where}${agreement}, allowed ${formatOp(spec.op)} ${short(spec.limit)}`,
    method: 'predictions compared',
    estimate: maxDifference,
    limit: spec.limit,
    n: rows,
  }
}

/** The tolerance of the check, else of the file, else bit for bit. */
export function judgeGolden(spec: ReadinessCheckSpec, found: Of<'golden'>): Judgement {
  const method = 'answers compared'
  const limit = spec.tolerance ?? found.tolerance ?? 0
  const wrong = found.differences.filter(
    ({ maxDifference }) => maxDifference === null || maxDifference > limit,
  )
  const file = spec.subject.what === 'golden' ? spec.subject.file : ''
  const shared = { method, limit, n: found.requests }
  if (found.requests === 0) return insufficient(`${file} holds no request`, method)
  if (wrong.length === 0) {
    const because = `all ${formatCount(found.requests)} golden requests of ${file} were answered as expected (tolerance ${short(limit)})`
    return { verdict: 'pass', because, ...shared }
  }
  const diffs = wrong.map(({ request, because }) => `${request}: ${because}`)
  // The record keeps the worst: when all of them are beyond the tolerance, more may be.
  const isCut = wrong.length === found.differences.length && found.differing > wrong.length
  const because = `${isCut ? 'at least ' : ''}${formatCount(wrong.length)} of ${formatCount(found.requests)} golden requests of ${file} were answered differently (tolerance ${short(limit)}): ${listed(diffs)}`
  return { verdict: 'fail', because, ...shared }
}

export function judgeBadInput({ answers, aliveAfter }: Of<'bad_input'>): Judgement {
  const method = 'requests wrong on purpose'
  const wrong = answers.flatMap(({ name, expect, status, sentence }) => {
    if (status === null) return [`${name} was never answered`]
    if (expect === 'survived') return []
    if (status < 400 || status > 499) return [`${name} was answered ${status}`]
    return sentence === '' ? [`${name} was refused (${status}) without a reason`] : []
  })
  if (!aliveAfter) wrong.push('afterwards the model no longer answers good requests')
  const n = answers.length
  if (wrong.length > 0)
    return { verdict: 'fail', because: `bad input is not handled: ${listed(wrong)}`, method, n }
  if (n === 0) return insufficient('no wrong request was sent', method)
  const refused = answers.filter(({ expect }) => expect === 'refused').length
  const because = `${refused} kinds of bad input were refused with a reason, ${n - refused} extreme ones survived, and the process lives`
  return { verdict: 'pass', because, method, n }
}

function faultOf(difference: AnswerDifference, limit: number): string | undefined {
  const { maxDifference, numbers, numbersDiffering, labels, labelsDiffering } = difference
  if (labelsDiffering > 0)
    return `${formatCount(labelsDiffering)} of ${formatCount(labels)} labels differ`
  if (maxDifference === null) return 'a value is a number in one answer only'
  if (maxDifference <= limit) return undefined
  return `${formatCount(numbersDiffering)} of ${formatCount(numbers)} numbers differ by up to ${short(maxDifference)}`
}

export function listed(clauses: readonly string[]): string {
  const shown = clauses.slice(0, 4).join('; ')
  return clauses.length > 4 ? `${shown}; and ${clauses.length - 4} more` : shown
}

export function short(value: number): string {
  return Number(value.toPrecision(3)).toString()
}
