// The checks of a judged run as a terminal shows them: all of them in short, or one with everything that is recorded about it.
import { evidenceAt } from '../../control/gates/read-evidence.ts'
import type { EndedRun } from '../../control/runs/run.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { didYouMean } from '../../project/problems.ts'
import { readModelFacts } from '../../release/card/model-facts.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import {
  attemptsOf,
  checksWorstFirst,
  expectedWords,
  type ReportedCheck,
} from '../../release/report/gate-report.ts'
import type { EvidenceDocument } from '../../verify/gates/evidence-document.ts'
import { replayCheck } from '../../verify/gates/replay-check.ts'
import type { ApiWorld } from '../api-world.ts'
import type {
  CheckDetailView,
  GateCheckInput,
  GateChecksView,
  JudgedCheckView,
} from '../contract/gate-routes.ts'
import { judgedRun, outcomeOf } from './judged-runs.ts'

export async function gateChecks(
  world: ApiWorld,
  { subject }: { readonly subject?: string },
): Promise<GateChecksView> {
  const { run, document } = await judgementOf(world, subject)
  const release: Release | undefined =
    run.releaseId === null ? undefined : await world.store.find(releaseKind, run.releaseId)
  return {
    run: run.number,
    release: release ? { id: release.id, number: release.number, alias: release.alias } : null,
    verdict: document.verdict,
    outcome: outcomeOf(run),
    attempts: attemptsOf(document) ?? null,
    checks: checksWorstFirst(document).map((check) => checkView(check, document)),
  }
}

export async function gateCheck(
  world: ApiWorld,
  { check: wanted, subject }: GateCheckInput,
): Promise<CheckDetailView> {
  const { run, document } = await judgementOf(world, subject)
  const check = oneCheck(checksWorstFirst(document), wanted, run)
  const replay = replayCheck(check.gate, check)
  return {
    ...checkView(check, document),
    run: run.number,
    spec: check.spec,
    settings: check.settings,
    statistics: check.statistics,
    denominators: (check.denominators ?? []).map(
      ({ name, n, estimate, lower, upper, verdict }) => ({
        ...{ name, n, estimate: estimate ?? null, lower: lower ?? null, upper: upper ?? null },
        verdict: verdict ?? null,
      }),
    ),
    replay: { agrees: replay.agrees, because: replay.because },
  }
}

async function judgementOf(
  world: ApiWorld,
  subject: string | undefined,
): Promise<{ readonly run: EndedRun; readonly document: EvidenceDocument }> {
  const run = await judgedRun(world, subject)
  return { run, document: await evidenceAt(world.content, run.evidenceDigest, `run ${run.number}`) }
}

function checkView(check: ReportedCheck, document: EvidenceDocument): JudgedCheckView {
  const { gate, id, written, text, verdict, because, method, waiver } = check
  const beside = [check.compat, expectedWords(check, readModelFacts(document.figures))]
  return {
    ...{ gate, id, written: written ?? text, text, verdict, because, method },
    estimate: check.estimate ?? null,
    lower: check.lower ?? null,
    upper: check.upper ?? null,
    limit: check.limit ?? null,
    n: check.n ?? null,
    neededRows: check.neededRows ?? null,
    beside: beside.filter((one) => one !== undefined),
    line: check.position?.line ?? null,
    waiver: waiver
      ? { by: waiver.by, because: waiver.because, until: waiver.until, of: waiver.of }
      : null,
  }
}

/** By its id, `gate/id`, or its line as written; or a part of these that only one has. */
function oneCheck(checks: readonly ReportedCheck[], wanted: string, run: EndedRun): ReportedCheck {
  const namesOf = ({ gate, id, written, text }: ReportedCheck) => [
    ...[id, `${gate}/${id}`, written, text],
  ]
  const exact = checks.filter((check) => namesOf(check).includes(wanted))
  const near = checks.filter((check) => namesOf(check).some((name) => name?.includes(wanted)))
  const found = exact.length > 0 ? exact : near
  const [first, second] = found
  if (first !== undefined && second === undefined) return first
  const ids = (found.length > 0 ? found : checks).map(({ gate, id }) => `${gate}/${id}`)
  const guess = didYouMean(wanted, [...checks.map(({ id }) => id)])
  throw new LockstepError({
    code: found.length > 0 ? 'gates.check_ambiguous' : 'gates.check_unknown',
    kind: found.length > 0 ? 'invalid' : 'not_found',
    message:
      found.length > 0
        ? `${found.length} checks of run ${run.number} are called '${wanted}': ${ids.slice(0, 10).join(', ')}`
        : `run ${run.number} judged no check '${wanted}'${guess === undefined ? '' : `; did you mean ${guess}?`}`,
    hint: found.length > 0 ? 'say more of its id' : `there are ${ids.slice(0, 20).join(', ')}`,
  })
}
