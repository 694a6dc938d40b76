// The gate report of a run, written from its evidence in the form that was asked for.
import { evidenceAt } from '../../control/gates/read-evidence.ts'
import { toIso } from '../../foundation/clock.ts'
import { readModelFacts } from '../../release/card/model-facts.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import type { GateReportRequest } from '../../release/report/gate-report.ts'
import { junitReport } from '../../release/report/report-junit.ts'
import { markdownReport } from '../../release/report/report-markdown.ts'
import { gateReportPage } from '../../release/report/report-page.ts'
import { sarifReport } from '../../release/report/report-sarif.ts'
import type { ApiWorld } from '../api-world.ts'
import type { GateReportInput, GateReportView } from '../contract/gate-routes.ts'
import { testScore } from './gate-score.ts'
import { judgedRun, outcomeOf } from './judged-runs.ts'

export async function writeGateReport(
  world: ApiWorld,
  { subject, format }: GateReportInput,
): Promise<GateReportView> {
  const run = await judgedRun(world, subject)
  const document = await evidenceAt(world.content, run.evidenceDigest, `run ${run.number}`)
  const release: Release | undefined =
    run.releaseId === null ? undefined : await world.store.find(releaseKind, run.releaseId)
  const { project, model } = world.spec()
  const request: GateReportRequest = {
    project,
    model: model.name,
    run: { number: run.number, id: run.id, finishedAt: toIso(run.finishedAt) },
    release: release ? { number: release.number, alias: release.alias } : null,
    outcome: outcomeOf(run),
    document,
    performance: readModelFacts(document.figures),
    engine: document.judged?.engine ?? world.about.version,
    score: await testScore(world),
  }
  return { run: run.number, verdict: document.verdict, format, text: written(request, format) }
}

function written(request: GateReportRequest, format: GateReportInput['format']): string {
  switch (format) {
    case 'markdown':
      return markdownReport(request)
    case 'html':
      return gateReportPage(request)
    case 'junit':
      return junitReport(request)
    case 'sarif':
      return `${JSON.stringify(sarifReport(request), null, 2)}\n`
    case 'json': {
      const { document, performance: _figures, ...rest } = request
      return `${JSON.stringify({ ...rest, ...document }, null, 2)}\n`
    }
  }
}
