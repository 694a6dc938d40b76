// The ML Test Score of the project as it stands: its declarations, its last judged gates, its newest release and what became of it.
import { deploymentRecords } from '../../control/deployment-records.ts'
import { doraOf, inWindow } from '../../control/dora.ts'
import { evidenceAt } from '../../control/gates/read-evidence.ts'
import { manifestOf } from '../../control/reconcilers/watch-world.ts'
import { lastEnvironment } from '../../deliver/environments/environment-order.ts'
import { type Rollout, rolloutKind } from '../../deliver/rollouts/rollout.ts'
import type { Release } from '../../release/release.ts'
import type { EvidenceDocument } from '../../verify/gates/evidence-document.ts'
import {
  mlTestScore,
  type ScoreRecords,
  type TestScore,
} from '../../verify/gates/planning/ml-test-score.ts'
import type { ApiWorld } from '../api-world.ts'
import { modelOf, releasesOf } from '../queries.ts'
import { lastJudged } from './judged-runs.ts'
import { rebuildsOf } from './release-card.ts'

/** Without a judged run the declarations still earn what they earn. */
export async function testScore(world: ApiWorld): Promise<TestScore> {
  const releases = await releasesOf(world)
  const newest = releases.toSorted((a, b) => b.number - a.number)[0]
  const rollouts: Rollout[] = await world.store.list(rolloutKind, { model: modelOf(world) })
  const count = (phase: Rollout['phase']) => rollouts.filter((one) => one.phase === phase).length
  return mlTestScore({
    ...{ spec: world.spec(), document: await lastEvidence(world) },
    ...(await releaseRecords(world, newest)),
    rollouts: { completed: count('completed'), rolledBack: count('rolled_back') },
    medianLeadTimeMs: await leadTime(world),
  })
}

async function lastEvidence(world: ApiWorld): Promise<EvidenceDocument | null> {
  const run = await lastJudged(world)
  const digest = run?.evidenceDigest ?? null
  // Lost evidence earns nothing, and the rest is still counted.
  return digest && evidenceAt(world.content, digest, `run ${run?.number}`).catch(() => null)
}

const leadTimeDays = 90

async function leadTime(world: ApiWorld): Promise<number | null> {
  const last = lastEnvironment(world.spec().environments)
  if (!last) return null
  const records = await deploymentRecords(world.store, modelOf(world), last.name)
  const recent = records.filter((record) => inWindow(record, world.clock.now(), leadTimeDays))
  return doraOf(recent, leadTimeDays).leadTimeMs?.median ?? null
}

async function releaseRecords(
  world: ApiWorld,
  release: Release | undefined,
): Promise<Pick<ScoreRecords, 'inputs' | 'release'>> {
  if (release === undefined) return { inputs: [], release: null }
  const { artifact, code, environment } = await manifestOf(world, release.id)
  const [latest] = await rebuildsOf(world, release)
  return {
    inputs: artifact.signature.inputs.map(({ name }) => name),
    release: {
      ...{ commit: code.commit, dirty: code.dirty, rebuilt: latest?.level ?? null },
      lockedRuntimes: environment.runtimes.length,
    },
  }
}
