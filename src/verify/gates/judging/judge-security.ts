// The verdict about an artifact's files from what was recorded of the scan. What could not be looked into is never clean.

import {
  type Place,
  type SecurityFinding,
  severities,
  type Unread,
} from '../../security/security-finding.ts'
import type { FormatCount, SecurityStatistics } from '../../security/security-statistics.ts'
import { formatBytes, formatCount } from '../../statistics/number-words.ts'
import { insufficient, type Judgement } from '../check-result.ts'

type Of<M extends SecurityStatistics['method']> = Extract<SecurityStatistics, { method: M }>

export function judgeFormats(
  formats: readonly string[],
  { kinds, unread }: Of<'formats'>,
): Judgement {
  const method = 'formats told by content'
  const wanted = formats.join(', ')
  const files = kinds.reduce((sum, kind) => sum + kind.files, 0)
  const all = { method, n: files, limit: 0 }
  const refused = kinds.filter((kind) => !isAllowed(kind, formats, files))
  const mismatched = kinds.filter(({ promised }) => promised !== null)
  if (refused.length > 0) {
    const because = `${refused.map(sayKind).join('; ')}, allowed is ${wanted}: save the model in one of these, or add the format if you mean it`
    return { verdict: 'fail', because, ...all, estimate: countOf(refused) }
  }
  if (mismatched.length > 0) {
    const because = `${mismatched.map(sayKind).join('; ')}: name each file for what it holds`
    return { verdict: 'fail', because, ...all, estimate: countOf(mismatched) }
  }
  if (unread.length > 0) return { verdict: 'error', because: sayUnread(unread), ...all }
  if (files === 0) return insufficient('the artifact has no files', method)
  if (!kinds.some(({ format }) => formats.includes(format))) {
    const because = `none of the ${formatCount(files)} files is ${wanted}: found ${kinds.map(sayKind).join('; ')}`
    return { verdict: 'fail', because, ...all }
  }
  const told = files === 1 ? 'its content' : 'their content'
  const because = `${files === 1 ? 'the file is' : `all ${formatCount(files)} files are`} ${kinds.map(({ format }) => format).join(', ')}, told by ${told}; allowed is ${wanted}`
  return { verdict: 'pass', because, ...all, estimate: 0 }
}

/** Descriptions beside a model: nothing is loaded from them. */
const companions: readonly string[] = ['text', 'json', 'empty']

function isAllowed({ format }: FormatCount, formats: readonly string[], files: number): boolean {
  return formats.includes(format) || (files > 1 && companions.includes(format))
}

function countOf(kinds: readonly FormatCount[]): number {
  return kinds.reduce((sum, kind) => sum + kind.files, 0)
}

function sayKind({ format, promised, files, paths }: FormatCount): string {
  const [first = ''] = paths
  const more = files > 1 ? ` and ${formatCount(files - 1)} more` : ''
  const is = format === 'unknown' ? 'of no known format' : format
  const called = promised === null ? '' : ` (its ending says ${promised})`
  return `${first}${more} ${files > 1 ? 'are' : 'is'} ${is}${called}`
}

export function judgeScan(allow: readonly string[], statistics: Of<'scan'>): Judgement {
  const { files, members, bytes, unread } = statistics
  const findings = statistics.findings.filter((one) => !isAccepted(one, allow))
  const serious = findings.filter(({ severity }) => severity !== 'low')
  const accepted = statistics.findings.length - findings.length
  const all = {
    method: 'static scan, nothing is loaded',
    estimate: serious.length,
    limit: 0,
    n: files,
    denominators: severities.map((name) => ({
      name,
      n: findings.filter(({ severity }) => severity === name).length,
    })),
  }
  if (serious.length > 0) return { verdict: 'fail', because: sayFindings(serious), ...all }
  if (unread.length > 0) return { verdict: 'error', because: sayUnread(unread), ...all }
  if (files === 0) return insufficient('the artifact has no files', all.method)
  if (findings.length > 0) return { verdict: 'warn', because: sayFindings(findings), ...all }
  const inside = members > files ? ` with ${formatCount(members - files)} members` : ''
  const but =
    accepted === 0 ? '' : `; ${formatCount(accepted)} accepted by allow: ${allow.join(', ')}`
  const because = `nothing found in ${formatCount(files)} ${files === 1 ? 'file' : 'files'}${inside} of ${formatBytes(bytes)}${but}`
  return { verdict: 'pass', because, ...all }
}

/** What a project may accept by name: code of its own. What is known to be dangerous stays a finding. */
const acceptable: readonly string[] = [
  'pickle.unknown_import',
  'onnx.custom_operator',
  'onnx.function_override',
  'keras.code',
]

function isAccepted(
  { rule, severity, subject }: SecurityFinding,
  allow: readonly string[],
): boolean {
  return (
    severity !== 'critical' &&
    acceptable.includes(rule) &&
    subject !== undefined &&
    allow.includes(subject)
  )
}

function sayFindings(findings: readonly SecurityFinding[]): string {
  const sorted = findings.toSorted(
    (one, other) => severities.indexOf(one.severity) - severities.indexOf(other.severity),
  )
  const counts = severities.flatMap((name) => {
    const n = findings.filter(({ severity }) => severity === name).length
    return n === 0 ? [] : [`${n} ${name}`]
  })
  const shown = sorted
    .slice(0, 2)
    .map(({ place, what, next }) => `${sayPlace(place)}: ${what}; ${next}`)
  const more = findings.length > 2 ? ` (and ${formatCount(findings.length - 2)} more)` : ''
  return `${counts.join(', ')}: ${shown.join(' · ')}${more}`
}

function sayUnread(unread: readonly Unread[]): string {
  const shown = unread.slice(0, 2).map(({ place, because }) => `${sayPlace(place)}: ${because}`)
  const more = unread.length > 2 ? ` (and ${formatCount(unread.length - 2)} more)` : ''
  return `could not be looked into, so it is not known to be clean: ${shown.join(' · ')}${more}`
}

function sayPlace({ file, member, offset }: Place): string {
  const inside = member === undefined ? file : `${file}!/${member}`
  return offset === undefined ? inside : `${inside} at byte ${offset}`
}
