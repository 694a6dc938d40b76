// Rebuilding releases for real: steps run again as processes in a clean place, the model is scored again, the answer is signed and kept.
import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { rebuildRelease } from '../../../src/control/rebuild/rebuild-release.ts'
import { isRefusal } from '../../../src/foundation/refusal.ts'
import { parseManifest } from '../../../src/release/manifest.ts'
import { type Release, releaseKind } from '../../../src/release/release.ts'
import { RunStage } from './run-stage.ts'

let stage: RunStage
beforeEach(async () => {
  stage = await RunStage.open()
})
afterEach(() => stage.close())

const train =
  '{shell: "cp ready.onnx model.onnx && echo trained", inputs: [ready.onnx, people.csv], outputs: [model.onnx]}'

async function sealed() {
  const run = await stage.run()
  if (run.releaseId === null) throw new Error(run.because)
  const release: Release = await stage.store.get(releaseKind, run.releaseId)
  const manifest = parseManifest(
    (await stage.world.content.read(release.manifestDigest)).toString(),
  )
  if (isRefusal(manifest)) throw new Error(manifest.because)
  return { release, manifest }
}

async function rebuild(change: { times?: number; tolerance?: number; keep?: boolean } = {}) {
  const told: string[] = []
  const made = await sealed()
  const rebuilt = await rebuildRelease(
    stage.world,
    { ...made, times: 1, tolerance: 0.005, keep: false, ...change },
    { told: ({ sentence }) => told.push(sentence), signal: new AbortController().signal },
  )
  return { ...rebuilt, ...made, told }
}

describe('a release rebuilt from its record', () => {
  test('is equal byte for byte, and the signed answer is kept beside it', async () => {
    const { report, attestation, release, told, place } = await rebuild({ times: 2 })
    expect(report).toMatchObject({ level: 'R3', times: 2, reasons: [], equivalence: null })
    expect(told).toContain('rebuilding train (2 of 2)')
    const kept = await stage.world.attestations.of(release.manifestDigest)
    const own = kept.filter(({ kind }) => kind === 'rebuild')
    expect(own.map(({ digest }) => digest)).toEqual([attestation])
    expect(await stage.world.content.verify(attestation)).toBe('intact')
    expect(place).toBeNull()
    expect(
      (await readdir(stage.world.folder.work)).filter((name) => name.startsWith('rebuild_')),
    ).toEqual([])
  })

  test('does not look at the project as it is now', async () => {
    const made = await sealed()
    await stage.write('people.csv', 'ruined')
    await rm(join(stage.dir, 'ready.onnx'))
    const { report, place } = await rebuildRelease(
      stage.world,
      { ...made, times: 1, tolerance: 0.005, keep: true },
      { told: () => {}, signal: new AbortController().signal },
    )
    expect(report.level).toBe('R3')
    expect(place !== null && existsSync(join(place, 'project', 'people.csv'))).toBe(true)
  })

  test('names the file, the byte and the reason of a random step beside the model', async () => {
    await stage.declare(
      '  train:',
      `  noise: {run: [${process.execPath}, -e, "require('fs').writeFileSync('noise.csv', 'a\\\\n' + Math.random())"], outputs: [noise.csv]}\n  train:`,
    )
    const { report } = await rebuild()
    expect(report.level).toBe('R2')
    expect(report.reasons[0]).toMatchObject({
      code: 'rng-unseeded',
      step: 'noise',
      path: 'noise.csv',
    })
    expect(report.reasons[0]?.sentence).toMatch(/first difference at byte \d+: line 2/)
  })

  test('with other bytes in the model is judged by its metrics on the recorded rows', async () => {
    // A field of the ONNX file that no runtime reads: the producer's version (field 3).
    const script =
      "const fs=require('fs');const t=String(process.hrtime.bigint());fs.writeFileSync('model.onnx',Buffer.concat([fs.readFileSync('ready.onnx'),Buffer.from([26,t.length]),Buffer.from(t)]))"
    await stage.declare(
      train,
      `{run: [${process.execPath}, -e, "${script}"], inputs: [ready.onnx, people.csv], outputs: [model.onnx]}`,
    )
    const { report } = await rebuild()
    expect(report.level).toBe('R2')
    expect(report.equivalence?.metrics).toMatchObject([
      { metric: 'roc_auc', difference: 0, equivalent: true, rows: 600 },
    ])
  })

  test('whose files are gone cannot be run again, and says so', async () => {
    const made = await sealed()
    const { tree } = made.manifest.code
    if (tree === null) throw new Error('no tree')
    await rm(stage.world.content.pathOf(tree), { force: true })
    const { report } = await rebuildRelease(
      stage.world,
      { ...made, times: 1, tolerance: 0.005, keep: false },
      { told: () => {}, signal: new AbortController().signal },
    )
    expect(report.level).toBe('R0')
    expect(report.reasons.map(({ code }) => code)).toEqual(['input-missing'])
  })

  test('made before its code was kept is refused with a sentence', async () => {
    const made = await sealed()
    const manifest = { ...made.manifest, code: { ...made.manifest.code, tree: null } }
    await expect(
      rebuildRelease(
        stage.world,
        { ...made, manifest, times: 1, tolerance: 0.005, keep: false },
        { told: () => {}, signal: new AbortController().signal },
      ),
    ).rejects.toMatchObject({ code: 'rebuild.code_unrecorded' })
  })
})
