// A gate report as SARIF 2.1.0, so that code scanning shows each check at its line of lockstep.yaml.
// Source: OASIS SARIF 2.1.0, sections 3.27 (result) and 3.49 (reportingDescriptor).
import type { Json } from '../../foundation/canonical-json.ts'
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
            rules: checks.map(ruleOf),
          },
        },
        automationDetails: { id: `gates/${request.model}/` },
        results: checks.flatMap((check, index) => resultOf(check, index)),
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
