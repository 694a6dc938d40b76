// What the two halves of the parser hand to the entrance: a check without its options.
import { didYouMean } from '../../project/problems.ts'
import type { DataCheck } from '../data/data-check.ts'
import type {
  DataCheckSpec,
  GapCheckSpec,
  MetricCheckSpec,
  ReadinessCheckSpec,
} from './check-spec.ts'

type OptionFields = 'severity' | 'confidence' | 'minSupport'

export type PartialCheck =
  | Omit<DataCheckSpec, OptionFields>
  | Omit<MetricCheckSpec, OptionFields | 'each'>
  | Omit<GapCheckSpec, OptionFields | 'by' | 'smallGroups'>
  | Omit<ReadinessCheckSpec, OptionFields | 'ratePerSecond' | 'durationMs'>

export function dataPart(check: DataCheck, text: string): PartialCheck {
  return { kind: 'data', id: `data.${subjectOf(check)}`, text, check }
}

export function nearestHint(word: string, choices: readonly string[], what: string): string {
  const near = didYouMean(word, choices)
  return near === undefined ? `Known ${what}: ${choices.join(', ')}.` : `Did you mean ${near}?`
}

/** As written again: a name that is not a plain word is quoted. */
export function writeName(name: string): string {
  return /^[\w.@-]+$/.test(name) ? name : JSON.stringify(name)
}

function subjectOf(check: DataCheck): string {
  switch (check.rule) {
    case 'rows':
    case 'columns':
    case 'duplicates':
      return check.rule
    case 'unique':
      return `unique(${check.columns.join('+')})`
    default:
      return `${check.rule}(${check.column})`
  }
}
