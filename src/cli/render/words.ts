// Verdicts and phases as a symbol, a word and a colour; any two of the three are enough to read them.
import type { StepView } from '../../api/contract/run-views.ts'
import type { CheckView, ReleaseRefView } from '../../api/contract/views.ts'
import type { Paint } from './paint.ts'

type Tone = Exclude<keyof Paint, 'nth'>

const verdicts: Readonly<Record<CheckView['verdict'], readonly [symbol: string, tone: Tone]>> = {
  pass: ['✓', 'good'],
  warn: ['!', 'warn'],
  fail: ['✗', 'bad'],
  insufficient: ['?', 'warn'],
  error: ['✗', 'bad'],
  skipped: ['-', 'quiet'],
  waived: ['!', 'warn'],
}

const steps: Readonly<
  Record<StepView['verdict'], readonly [symbol: string, word: string, tone: Tone]>
> = {
  waiting: ['·', 'waiting', 'quiet'],
  running: ['▸', 'running', 'active'],
  hit: ['✓', 'unchanged', 'quiet'],
  ran: ['✓', 'ran', 'good'],
  failed: ['✗', 'failed', 'bad'],
  timed_out: ['✗', 'timed out', 'bad'],
  cancelled: ['-', 'cancelled', 'warn'],
  blocked: ['-', 'blocked', 'warn'],
}

const good = ['succeeded', 'unchanged', 'completed', 'sealed', 'serving', 'resolved', 'ready', 'ok']
const bad = [
  'failed',
  'errored',
  'rolled_back',
  'rollback_failed',
  'aborting',
  'firing',
  'rejected',
  'yanked',
  'timed_out',
]
const warn = [
  'awaiting_approval',
  'blocked',
  'paused',
  'cancelled',
  'expired',
  'superseded',
  'quarantined',
  'interrupted',
  'acknowledged',
  'suppressed',
]

/** In the order a person reads verdicts. */
export const verdictsWorstFirst: readonly CheckView['verdict'][] = [
  'fail',
  'error',
  'insufficient',
  'warn',
  'waived',
  'pass',
  'skipped',
]

export function verdictWord(verdict: CheckView['verdict'], paint: Paint): string {
  const [symbol, tone] = verdicts[verdict]
  return paint[tone](`${symbol} ${verdict}`)
}

export function stepWord(verdict: StepView['verdict'], paint: Paint): string {
  const [symbol, word, tone] = steps[verdict]
  return paint[tone](`${symbol} ${word}`)
}

/** `awaiting_approval` → `! awaiting approval`. */
export function phaseWord(phase: string, paint: Paint): string {
  const word = phase.replaceAll('_', ' ')
  if (good.includes(phase)) return paint.good(`✓ ${word}`)
  if (bad.includes(phase)) return paint.bad(`✗ ${word}`)
  if (warn.includes(phase)) return paint.warn(`! ${word}`)
  if (phase === 'empty') return paint.quiet(`· ${word}`)
  return paint.active(`▸ ${word}`)
}

export function releaseName(release: ReleaseRefView | null): string {
  return release ? `release ${release.number} (${release.alias})` : 'nothing'
}

/** Basis points as people say them: `12.5 %`. */
export function share(basisPoints: number): string {
  return `${(basisPoints / 100).toLocaleString('en-US', { maximumFractionDigits: 2 })} %`
}

/** One character for what became of a step; null: it never ran. */
export function stepSymbol(verdict: string | null): string {
  return steps[(verdict ?? 'waiting') as StepView['verdict']]?.[0] ?? '·'
}

export function stepTone(verdict: string | null): Tone {
  return steps[(verdict ?? 'waiting') as StepView['verdict']]?.[2] ?? 'quiet'
}
