// The gate report of a run, written from its evidence in the form that was asked for.
import { evidenceAt } from '../../control/gates/read-evidence.ts'
import { type EndedRun, isEnded, type Run, runKind } from '../../control/runs/run.ts'
import { toIso } from '../../foundation/clock.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { readModelFacts } from '../../release/card/model-facts.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import type { GateReportRequest } from '../../release/report/gate-report.ts'
import { junitReport } from '../../release/report/report-junit.ts'
import { markdownReport } from '../../release/report/report-markdown.ts'
import { gateReportPage } from '../../release/report/report-page.ts'
import { sarifReport } from '../../release/report/report-sarif.ts'
import type { ApiWorld } from '../api-world.ts'
import type { GateReportInput, GateReportView } from '../contract/gate-routes.ts'
import { byIdOrNumber, modelOf } from '../queries.ts'
import { testScore } from './gate-score.ts'
import { lastJudged } from './judged-runs.ts'

export async function writeGateReport(
  world: ApiWorld,
  { subject, format }: GateReportInput,
): Promise<GateReportView> {
  const run = await runMeant(world, subject)
  const { evidenceDigest } = run
  if (evidenceDigest === null) throw notJudged(run)
  const document = await evidenceAt(world.content, evidenceDigest, `run ${run.number}`)
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

/** A refused run tells every reason already; the table repeats them. */
function outcomeOf({ phase, because }: EndedRun): string {
  return phase === 'failed' || phase === 'errored'
    ? `The run ${phase}: no release was made.`
    : `${because.charAt(0).toUpperCase()}${because.slice(1)}.`
}

async function runMeant(world: ApiWorld, subject: string | undefined): Promise<EndedRun> {
  if (subject === undefined) {
    const last = await lastJudged(world)
    if (last) return last
    throw new LockstepError({
      code: 'gates.none_judged',
      kind: 'not_found',
      message: `no run of ${modelOf(world)} has judged its gates yet`,
      hint: 'make one: lockstep run',
    })
  }
  const release = /^release:(.+)$/.exec(subject)?.[1] ?? (/^rel_/.test(subject) ? subject : null)
  const id =
    release === null
      ? subject.replace(/^run:/, '')
      : ((await byIdOrNumber(world, releaseKind, release)) as Release).runId
  const run: Run = await byIdOrNumber(world, runKind, id)
  if (isEnded(run)) return run
  throw new LockstepError({
    code: 'gates.not_ended',
    kind: 'precondition',
    message: `run ${run.number} is still ${run.phase}; its gates are not judged yet`,
    hint: `wait for it: lockstep runs ${run.number}`,
  })
}

function notJudged(run: EndedRun): LockstepError {
  return new LockstepError({
    code: 'gates.none_judged',
    kind: 'not_found',
    message: `run ${run.number} ended as ${run.phase} before its gates were judged: ${run.because}`,
    hint: `look into it: lockstep why run ${run.number}`,
  })
}
