// The options of data checks, read into the check they belong to.
import { parseDuration } from '../../../foundation/duration.ts'
import { type DataCheck, isRowCheck } from '../../data/data-check.ts'
import type { DataPart } from './parse-data-part.ts'
import type { OptionReader } from './read-options.ts'

export const dataOptions: readonly string[] = [
  'mostly',
  'where',
  'missing_values',
  'optional',
  'if_present',
  'except',
  'label',
  'share',
  'timeout',
  'name',
  'sql',
  'expect',
]

/** Which options go with which checks; an option beside a check it says nothing to is a mistake. */
const owners: Readonly<Record<string, (check: DataCheck) => boolean>> = {
  mostly: isRowCheck,
  where: (check) =>
    isRowCheck(check) ||
    ['rows', 'missing', 'nonfinite', 'infinite', 'aggregate', 'share', 'unique'].includes(
      check.rule,
    ),
  missing_values: (check) =>
    isRowCheck(check) || check.rule === 'missing' || check.rule === 'aggregate',
  optional: ({ rule }) => rule === 'columns',
  except: ({ rule }) =>
    ['duplicates', 'conflicting_labels', 'constant_columns', 'all_unique_columns'].includes(rule),
  label: ({ rule }) => rule === 'duplicates' || rule === 'conflicting_labels',
  share: ({ rule }) => rule === 'constant_columns',
  timeout: ({ rule }) => rule === 'sql',
  name: ({ rule }) => rule === 'sql',
  sql: ({ rule }) => rule === 'sql',
  expect: ({ rule }) => rule === 'sql',
}

export function withDataOptions(part: DataPart, read: OptionReader): DataPart {
  for (const [name, fits] of Object.entries(owners)) {
    if (read.has(name) && !fits(part.check))
      read.complain(`${name} says nothing to a check of ${part.check.rule.replaceAll('_', ' ')}`)
  }
  const { check } = part
  const where = read.text('where')
  const shared = {
    ...(where === null ? {} : { where }),
    ...(read.flag('if_present') ? { ifPresent: true as const } : {}),
    ...(read.has('missing_values') ? { missingValues: read.values('missing_values') } : {}),
  }
  const id = where === null ? part.id : `${part.id}.where(${where})`
  if (isRowCheck(check)) {
    const mostly = read.number('mostly', (value) => value > 0 && value <= 1, 'a share') ?? 1
    return { ...part, id, check: { ...check, ...shared, mostly } }
  }
  return { ...part, id, check: { ...check, ...shared, ...ownOptions(check, read) } as DataCheck }
}

function ownOptions(check: DataCheck, read: OptionReader): Partial<Record<string, unknown>> {
  const except = read.texts('except')
  const label = read.text('label')
  const optional = read.texts('optional')
  switch (check.rule) {
    case 'columns':
      return optional.length > 0 ? { optional } : {}
    case 'duplicates':
    case 'conflicting_labels':
      return { ...(except.length > 0 ? { except } : {}), ...(label === null ? {} : { label }) }
    case 'constant_columns':
    case 'all_unique_columns': {
      const share = read.number('share', (value) => value > 0.5 && value <= 1, 'above 50%')
      return { ...(except.length > 0 ? { except } : {}), ...(share === null ? {} : { share }) }
    }
    default:
      return {}
  }
}

export function timeLimitOf(read: OptionReader): number {
  return read.duration('timeout') ?? parseDuration('60s') ?? 60_000
}
