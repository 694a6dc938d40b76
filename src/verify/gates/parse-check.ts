// The check language: one line per check, options beside it. `parseCheck` is its only entrance; it never throws.
import { parseDuration } from '../../foundation/duration.ts'
import { parseNumber, parseShare, piece, problemAt, splitComparison } from './check-line.ts'
import type { CheckProblem, CheckProblems, CheckSpec } from './check-spec.ts'
import { parseComparisonCheck } from './parse-comparison.ts'
import { nearestHint, type PartialCheck } from './parse-parts.ts'
import { parseWordCheck } from './parse-words.ts'

export type CheckOptions = Readonly<Record<string, unknown>>

/** One example of every form, for errors and documentation. */
export const checkForms: readonly string[] = [
  'rows >= 50_000',
  'columns has [age, education]',
  'age is integer',
  'missing(age) <= 1%',
  'nonfinite(wage) = 0',
  'age between 0 and 90',
  'sex in [Male, Female]',
  'label is binary',
  'unique(person_id)',
  'duplicates = 0',
  'roc_auc >= 0.90',
  'roc_auc >= champion - 0.005',
  'roc_auc > baseline(prior)',
  'gap(tpr) <= 0.10 with {by: sex}',
  'loads < 10s',
  'latency p99 <= 50ms',
  'size < 50MB',
  'rss < 1.5GB',
  'parity <= 1e-5',
  'errors = 0',
  'signature honoured',
]

/** Parses one check; every problem carries its place inside `text`. */
export function parseCheck(text: string, options: CheckOptions = {}): CheckSpec | CheckProblems {
  const whole = piece(text, 0, text.length)
  if (whole.text === '') return { problems: [problemAt(whole, 'the check is empty')] }
  const comparison = splitComparison(text)
  const part = comparison === undefined ? parseWordCheck(text) : parseComparisonCheck(comparison)
  if (part === undefined) {
    return {
      problems: [
        problemAt(whole, `"${whole.text}" is not a check`, `Forms: ${checkForms.join(' · ')}`),
      ],
    }
  }
  if ('problems' in part) return part
  return withOptions(part, options, text)
}

const optionNames: Readonly<Record<CheckSpec['kind'], readonly string[]>> = {
  data: ['severity', 'mostly'],
  metric: ['severity', 'each', 'confidence', 'min_support'],
  gap: ['severity', 'by', 'confidence', 'min_support', 'small_groups'],
  readiness: ['severity', 'confidence', 'rate', 'duration'],
}

/** Reads the options into the check and gives it its id and normal form. */
function withOptions(
  part: PartialCheck,
  options: CheckOptions,
  text: string,
): CheckSpec | CheckProblems {
  const problems: CheckProblem[] = []
  const whole = piece(text, 0, text.length)
  const complain = (message: string, hint?: string) => {
    problems.push(problemAt(whole, message, hint))
    return null
  }
  const allowed = optionNames[part.kind]
  for (const name of Object.keys(options)) {
    if (!allowed.includes(name)) {
      complain(`${name} is not an option of this check`, nearestHint(name, allowed, 'options'))
    }
  }
  const read = optionReader(options, complain)
  const shared = {
    severity: read.word('severity', ['fail', 'warn']),
    confidence: read.number('confidence', (value) => value > 0.5 && value < 1, 'between 0.5 and 1'),
    minSupport: read.number('min_support', (value) => value >= 1, 'at least 1'),
  }
  const spec = completeCheck(part, shared, read)
  if (part.kind === 'gap' && options.by === undefined) {
    complain('a gap needs the column of the groups', 'Write {"gap(tpr) <= 0.10": {by: sex}}.')
  }
  return problems.length > 0 ? { problems } : spec
}

type OptionReader = ReturnType<typeof optionReader>

interface SharedOptions {
  readonly severity: 'fail' | 'warn'
  readonly confidence: number | null
  readonly minSupport: number | null
}

function completeCheck(part: PartialCheck, shared: SharedOptions, read: OptionReader): CheckSpec {
  switch (part.kind) {
    case 'data': {
      const mostly = read.number('mostly', (value) => value > 0 && value <= 1, 'a share') ?? 1
      const check =
        part.check.rule === 'range' || part.check.rule === 'allowed'
          ? { ...part.check, mostly }
          : part.check
      return { ...part, ...shared, check }
    }
    case 'metric': {
      const each = read.text('each')
      return { ...part, ...shared, each, id: each === null ? part.id : `${part.id}.each(${each})` }
    }
    case 'gap': {
      const by = read.text('by') ?? ''
      const smallGroups = read.word('small_groups', ['insufficient', 'ignore'])
      return { ...part, ...shared, by, smallGroups, id: `${part.id}.${by}` }
    }
    case 'readiness':
      return {
        ...part,
        ...shared,
        ratePerSecond: read.rate('rate'),
        durationMs: read.duration('duration'),
      }
  }
}

function optionReader(options: CheckOptions, complain: (message: string, hint?: string) => null) {
  const shown = (name: string) => JSON.stringify(options[name])
  return {
    text(name: string): string | null {
      const value = options[name]
      if (value === undefined) return null
      if (typeof value === 'string' && value !== '') return value
      return complain(
        `${name} must be one column, got ${shown(name)}`,
        'Write one check per column.',
      )
    },
    word<W extends string>(name: string, words: readonly [W, ...W[]]): W {
      const value = options[name]
      if (value === undefined) return words[0]
      const word = words.find((one) => one === value)
      if (word === undefined) complain(`${name} must be ${words.join(' or ')}, got ${shown(name)}`)
      return word ?? words[0]
    },
    number(name: string, isAllowed: (value: number) => boolean, wanted: string): number | null {
      const value = options[name]
      if (value === undefined) return null
      const parsed = typeof value === 'number' ? value : parseShare(String(value))?.value
      if (parsed !== undefined && isAllowed(parsed)) return parsed
      return complain(`${name} must be ${wanted}, got ${shown(name)}`)
    },
    rate(name: string): number | null {
      const value = options[name]
      if (value === undefined) return null
      const parsed = parseNumber(String(value).replace(/\s*\/\s*s$/, ''))
      if (parsed !== undefined && parsed > 0) return parsed
      return complain(`${name} must be requests per second such as 50/s, got ${shown(name)}`)
    },
    duration(name: string): number | null {
      const value = options[name]
      if (value === undefined) return null
      const parsed = parseDuration(String(value))
      return parsed ?? complain(`${name} must be a duration such as 30s, got ${shown(name)}`)
    },
  }
}
