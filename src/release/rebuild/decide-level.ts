// From what a rebuild observed to its level and the sentence that goes with it. Pure.
import type {
  BuiltOn,
  MetricEquivalence,
  RebuildLevel,
  RebuildReason,
  RebuiltOutput,
} from './rebuild-report.ts'

export interface RebuildFindings {
  readonly outputs: readonly RebuiltOutput[]
  readonly times: number
  /** The output that is the model. */
  readonly modelPath: string
  readonly reasons: readonly RebuildReason[]
  readonly metrics: readonly MetricEquivalence[] | null
  readonly tolerance: number
  readonly recordedOn: BuiltOn
  readonly rebuiltOn: BuiltOn
}

export interface LevelDecision {
  readonly level: RebuildLevel
  readonly because: string
}

export function decideLevel(findings: RebuildFindings): LevelDecision {
  const { outputs, times, modelPath, metrics, recordedOn, rebuiltOn } = findings
  const unmade = outputs.filter((output) => output.rebuilt === null)
  if (outputs.length === 0 || unmade.length > 0) return notRerunnable(findings, unmade)
  const other = outputs.filter((output) => output.rebuilt !== output.recorded)
  const rounds = times === 1 ? 'once' : `${times} times`
  if (other.length === 0) {
    return isOtherMachine(recordedOn, rebuiltOn)
      ? decided('R4', `rebuilt ${rounds} on another class of machine, equal byte for byte`)
      : decided('R3', `rebuilt ${rounds} on the same class of machine, equal byte for byte`)
  }
  const differing = listOf(other.map(({ path }) => path))
  if (!other.some(({ path }) => path === modelPath)) {
    return decided(
      'R2',
      `rebuilt ${rounds}: the model is equal byte for byte, but ${differing} ${other.length === 1 ? 'is' : 'are'} not`,
    )
  }
  if (metrics === null || metrics.length === 0) {
    return decided(
      'R1',
      `it runs again, but ${differing} came out differently, and no gate metric says whether that matters`,
    )
  }
  const apart = metrics.filter((metric) => !metric.equivalent)
  const within = `within ${findings.tolerance}`
  return apart.length === 0
    ? decided(
        'R2',
        `rebuilt ${rounds}: ${differing} differs in bytes, and every gate metric is equivalent ${within} (${listOf(metrics.map(({ metric }) => metric))})`,
      )
    : decided(
        'R1',
        `it runs again, but ${differing} came out differently and ${listOf(apart.map(({ metric }) => metric))} cannot be called equivalent ${within}`,
      )
}

/** What `lockstep rebuild` calls a success. */
export function isReproduced(level: RebuildLevel): boolean {
  return level === 'R2' || level === 'R3' || level === 'R4'
}

export function isOtherMachine(a: BuiltOn, b: BuiltOn): boolean {
  return a.platform !== b.platform || a.machine.processor !== b.machine.processor
}

function notRerunnable(
  { reasons }: RebuildFindings,
  unmade: readonly RebuiltOutput[],
): LevelDecision {
  const missing = reasons.find(({ code }) => code === 'input-missing')
  if (missing) return decided('R0', `it cannot be run again: ${missing.sentence}`)
  if (unmade.length === 0) return decided('R0', 'its record names no output to compare with')
  const first = reasons[0]?.sentence
  const what = `${listOf(unmade.map(({ path }) => path))} ${unmade.length === 1 ? 'was' : 'were'} not made again`
  return decided(
    'R0',
    `it did not run to its end: ${what}${first === undefined ? '' : `; ${first}`}`,
  )
}

function decided(level: RebuildLevel, because: string): LevelDecision {
  return { level, because }
}

function listOf(names: readonly string[]): string {
  const unique = [...new Set(names)]
  const shown = unique.slice(0, 4).join(', ')
  return unique.length > 4 ? `${shown} and ${unique.length - 4} more` : shown
}
