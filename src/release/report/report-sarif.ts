// A gate report as SARIF 2.1.0, so that code scanning shows each check at its line of lockstep.yaml.
// Source: OASIS SARIF 2.1.0, sections 3.27 (result) and 3.49 (reportingDescriptor).
import type { Json } from '../../foundation/canonical-json.ts'
import type { SecurityFinding } from '../../verify/security/security-finding.ts'
import type { Verdict } from '../../verify/statistics/verdict.ts'
import { checksWorstFirst, type GateReportRequest, type ReportedCheck } from './gate-report.ts'

export function sarifReport(request: GateReportRequest): Json {
  const checks = checksWorstFirst(request.document)
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'Lockstep',
            semanticVersion: request.engine,
            rules: [...checks.map(ruleOf), ...findingRules(checks)],
          },
        },
        automationDetails: { id: `gates/${request.model}/` },
        results: [...checks.flatMap(resultOf), ...checks.flatMap(findingResults)],
      },
    ],
  }
}

const levels: Readonly<Record<Verdict, 'error' | 'warning' | null>> = {
  ...{ pass: null, skipped: null, warn: 'warning', waived: 'warning' },
  ...{ fail: 'error', error: 'error', insufficient: 'warning' },
}

function ruleOf({ gate, id, written }: ReportedCheck): Json {
  return {
    id: `${gate}/${id}`,
    name: id,
    shortDescription: { text: written },
    properties: { gate },
  }
}

function resultOf(check: ReportedCheck, ruleIndex: number): Json[] {
  const { gate, id, verdict, because, position, waiver } = check
  const level = levels[verdict]
  if (level === null) return []
  return [
    {
      ruleId: `${gate}/${id}`,
      ruleIndex,
      level,
      message: { text: `${verdict}: ${because}` },
      locations: [
        {
          physicalLocation: {
            artifactLocation: { uri: 'lockstep.yaml' },
            ...(position === null
              ? {}
              : { region: { startLine: position.line, startColumn: position.column } }),
          },
        },
      ],
      partialFingerprints: { 'lockstepCheck/v1': `${gate}/${id}` },
      ...(waiver === undefined
        ? {}
        : { suppressions: [{ kind: 'inSource', justification: waiver.because }] }),
    },
  ]
}

/** What a scan found in the artifact, each at its place; one finding may answer several checks and is listed once per check. */
function findingResults({ statistics }: ReportedCheck): Json[] {
  return findingsOf(statistics).map(({ rule, severity, place, what, next }) => ({
    ruleId: rule,
    level: severity === 'low' ? 'note' : severity === 'medium' ? 'warning' : 'error',
    message: { text: `${what}. ${next}` },
    locations: [
      {
        physicalLocation: {
          artifactLocation: { uri: encodeURI(place.file) },
          ...(place.offset === undefined ? {} : { region: { byteOffset: place.offset } }),
        },
        ...(place.member === undefined
          ? {}
          : { logicalLocations: [{ fullyQualifiedName: place.member, kind: 'resource' }] }),
      },
    ],
    partialFingerprints: {
      'lockstepFinding/v1': [rule, place.file, place.member ?? '', place.offset ?? ''].join(':'),
    },
    properties: { severity },
  }))
}

function findingRules(checks: readonly ReportedCheck[]): Json[] {
  const rules = new Set(
    checks.flatMap(({ statistics }) => findingsOf(statistics)).map((one) => one.rule),
  )
  return [...rules].map((id) => ({ id, name: id, properties: { tags: ['security'] } }))
}

function findingsOf(statistics: ReportedCheck['statistics']): readonly SecurityFinding[] {
  return statistics.method === 'scan' ? statistics.findings : []
}
