// Gates, as one caller sees them: recorded verdicts computed again.
import { planProjectGates } from '../../control/gates/plan-gates.ts'
import { evidenceAt } from '../../control/gates/read-evidence.ts'
import { holdingObjects } from '../../control/keeping/hold-objects.ts'
import { judgeAgain } from '../../control/rebuild/ask-again.ts'
import { manifestOf } from '../../control/reconcilers/watch-world.ts'
import type { Digest } from '../../foundation/digest.ts'
import { type Release, releaseKind, releaseName } from '../../release/release.ts'
import type { EvidenceDocument } from '../../verify/gates/evidence-document.ts'
import { replayReport } from '../../verify/gates/replay-check.ts'
import type { ApiWorld } from '../api-world.ts'
import type { GateApi, GatePlanView, GateReplayView } from '../contract/gate-routes.ts'
import type { Listener } from '../contract/route.ts'
import { byIdOrNumber } from '../queries.ts'
import { writeGateReport } from './gate-report.ts'
import { testScore } from './gate-score.ts'
import { gateCheck, gateChecks } from './judged-checks.ts'
import { refOf } from './release-api.ts'
import { weakSlices } from './weak-slices.ts'

export function createGateApi(world: ApiWorld): GateApi {
  return {
    gateScore: () => testScore(world),
    gateReport: (input) => writeGateReport(world, input),
    gateChecks: (input) => gateChecks(world, input),
    gateCheck: (input) => gateCheck(world, input),
    weakSlices: (input, listener) => weakSlices(world, input, listener),
    gatePlan: () => plan(world),
    gateReplay: (id) => replay(world, id),
    gateAgain: (id, _input, listener) =>
      holdingObjects(world, `the gates of release ${id}`, () => again(world, id, listener)),
  }
}

async function plan(world: ApiWorld): Promise<GatePlanView> {
  const { holdout, checks } = await planProjectGates(
    world.runWorld(),
    world.spec(),
    world.about.projectDir,
  )
  if (holdout === null) return { holdout, checks }
  const { rows, positives, from } = holdout
  return { holdout: { rows, positives, from }, checks }
}

async function replay(world: ApiWorld, id: string): Promise<GateReplayView> {
  const { release, document, evidence } = await recordOf(world, id)
  return viewOf(release, { document, evidence }, replayReport(document))
}

async function again(world: ApiWorld, id: string, listener: Listener): Promise<GateReplayView> {
  const { release, manifest, document, evidence } = await recordOf(world, id)
  const checks = await judgeAgain(world.runWorld(), {
    ...{ manifest, document, signal: listener.signal },
    told: (sentence) => listener.told({ sentence, done: 0, total: 0, unit: null }),
  })
  return viewOf(release, { document, evidence }, checks)
}

async function recordOf(world: ApiWorld, id: string) {
  const release: Release = await byIdOrNumber(world, releaseKind, id)
  const manifest = await manifestOf(world, release.id)
  const { evidence } = manifest.gates
  const document = await evidenceAt(world.content, evidence, releaseName(release))
  return { release, manifest, document, evidence }
}

function viewOf(
  release: Release,
  { document, evidence }: { readonly document: EvidenceDocument; readonly evidence: Digest },
  checks: GateReplayView['checks'],
): GateReplayView {
  const engine = document.judged?.engine ?? null
  const agrees = checks.every((check) => check.agrees)
  return { release: refOf(release), agrees, evidence, engine, checks }
}
