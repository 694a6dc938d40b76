// Chapter 2: what a release is. It is looked at, rebuilt from its record, and verified far from the project that made it.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { ReleaseView } from '../api/contract/views.ts'
import type { StoryWorld } from './story-world.ts'

export async function showRelease(world: StoryWorld, release: ReleaseView): Promise<void> {
  const { narrator, stage } = world
  const detail = await stage.as('dana').release(release.id)
  const { gates } = await stage.as('dana').run(release.runId)
  for (const gate of gates.filter(({ name }) => ['fairness', 'quality'].includes(name)))
    for (const check of gate.checks) narrator.say(`  ${check.verdict.padEnd(7)} ${check.because}`)
  narrator.check(
    `release ${release.number} (${release.alias}) is one signed record: commit ${release.commit?.slice(0, 9)}, model ${release.modelDigest.slice(7, 19)}, manifest ${release.digest.slice(7, 19)}`,
    release.phase === 'sealed' && detail.manifest !== null,
  )
  await rebuild(world, release)
  await carryAway(world, release)
}

async function rebuild({ narrator, stage, stop, summary }: StoryWorld, release: ReleaseView) {
  narrator.command(`lockstep rebuild ${release.number}`)
  const rebuilt = await stage
    .as('dana')
    .rebuildRelease(release.id, {}, { told: () => {}, signal: stop })
  narrator.check(
    `made again from its record in an empty folder: ${rebuilt.level}, ${rebuilt.because} (${(rebuilt.tookMs / 1000).toFixed(1)} s)`,
    rebuilt.level === 'R3',
  )
  summary.rebuilt = { level: rebuilt.level, seconds: rebuilt.tookMs / 1000 }
}

/** Across an air gap: one file and one public key, in a folder that knows no project. */
async function carryAway({ narrator, stage, summary }: StoryWorld, release: ReleaseView) {
  const far = join(stage.dir, '.lockstep', 'far-away')
  await mkdir(far, { recursive: true })
  const file = join(far, `income-${release.number}.tar`)
  const key = join(stage.dir, '.lockstep', 'keys', 'release-ed25519.pub.pem')
  narrator.command(`lockstep release export ${release.number} -o income-1.tar`)
  await stage.lockstep('release', 'export', String(release.number), '-o', file)
  narrator.command('lockstep verify income-1.tar --key release-ed25519.pub.pem')
  const { stdout, code } = await stage.lockstep('verify', file, '--key', key, '--json')
  const parts = (JSON.parse(stdout) as { parts: { ok: boolean }[] }).parts
  narrator.check(
    `${parts.filter(({ ok }) => ok).length} of ${parts.length} parts verified from one file and one public key: model, code, data, evidence, provenance, signatures`,
    code === 0 && parts.length > 10 && parts.every(({ ok }) => ok),
  )
  summary.verifiedParts = parts.length
  await rm(far, { recursive: true, force: true })
}
