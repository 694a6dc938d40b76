// Security of the packaged artifact's files: `format in [onnx, safetensors]` and `scan clean`. Told by their bytes; nothing is loaded.
import { didYouMean } from '../../../project/problems.ts'
import { artifactFormats } from '../../security/security-finding.ts'
import { formatStatistics, scanStatistics } from '../../security/security-statistics.ts'
import type { CheckFamily, PartOf } from '../check-family.ts'
import { mismatched } from '../check-result.ts'
import type { CheckProblems, SecurityCheckSpec } from '../check-spec.ts'
import { unreadable } from '../gate-evidence.ts'
import { judgeFormats, judgeScan } from '../judging/judge-security.ts'
import { type Piece, parseList } from '../language/check-line.ts'
import { fail } from '../language/parse-parts.ts'

type Part = PartOf<SecurityCheckSpec>

export const securityFamily: CheckFamily<SecurityCheckSpec> = {
  kind: 'security',
  names: ['format', 'scan'],
  options: ['allow'],
  isIntegrity: true,
  forms: [
    { line: 'format in [onnx, safetensors]', says: 'every file of the model is of one of these' },
    { line: 'scan clean', says: 'nothing in the files runs code or reads other files when loaded' },
    {
      line: 'scan clean',
      options: { allow: ['churn.model.Scorer'] },
      says: 'the same, with a class of your own accepted',
    },
  ],
  parse({ whole }, read) {
    if (/^scan\s+clean$/.test(whole.text))
      return {
        kind: 'security',
        id: 'security.scan',
        text: 'scan clean',
        subject: { what: 'scan', allow: [...read.texts('allow')].sort() },
      }
    if (/^scan\b/.test(whole.text))
      return fail(whole, 'a scan is clean or not', 'Write scan clean.')
    const found = /^format\s+in\s+(.+)$/s.exec(whole.text)
    const [, list = ''] = found ?? []
    if (found === null) return undefined
    if (read.has('allow'))
      read.complain('allow belongs to scan clean', 'Write {"scan clean": {allow: […]}}.')
    return parseFormats({ text: list, offset: whole.offset + whole.text.length - list.length })
  },
  measure(spec, { security }) {
    if (security === undefined) return unreadable('the files of the artifact were not scanned')
    if (typeof security === 'string') return unreadable(security)
    return spec.subject.what === 'format' ? formatStatistics(security) : scanStatistics(security)
  },
  judge(spec, statistics) {
    const { subject } = spec
    if (subject.what === 'format' && statistics.method === 'formats')
      return judgeFormats(subject.formats, statistics)
    if (subject.what === 'scan' && statistics.method === 'scan')
      return judgeScan(subject.allow, statistics)
    return mismatched(spec)
  },
}

function parseFormats(right: Piece): Part | CheckProblems {
  const names = parseList(right)?.map(({ text }) => text)
  if (names === undefined || names.length === 0)
    return fail(right, 'a list of formats is needed', 'Write format in [onnx, safetensors].')
  const strange = names.find((name) => !artifactFormats.some((format) => format === name))
  if (strange !== undefined) {
    const near = didYouMean(strange, artifactFormats)
    const hint =
      near === undefined ? `Formats: ${artifactFormats.join(', ')}.` : `Did you mean ${near}?`
    return fail(right, `${strange} is not a format`, hint)
  }
  if (names.includes('unknown')) return fail(right, 'what is unknown cannot be allowed')
  const formats = [...new Set(names)].sort()
  return {
    kind: 'security',
    id: 'security.format',
    text: `format in [${formats.join(', ')}]`,
    subject: { what: 'format', formats },
  }
}
