// What a sealed release holds: everything it was made from, as it was when the run began, and every byte checked before it serves.
import { execFileSync } from 'node:child_process'
import { chmod, readFile, writeFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { locateVerified } from '../../../src/control/reconcilers/watch-world.ts'
import { introduceKeys, openTrust } from '../../../src/control/trust-source.ts'
import { type Digest, digestOfJson } from '../../../src/foundation/digest.ts'
import { isRefusal } from '../../../src/foundation/refusal.ts'
import { checkRelease } from '../../../src/release/attest/check-release.ts'
import { parseManifest, type ReleaseManifest } from '../../../src/release/manifest.ts'
import { type Release, releaseKind } from '../../../src/release/release.ts'
import { key, modelKey } from '../../../src/release/sample-release.ts'
import { project, RunStage } from './run-stage.ts'

let stage: RunStage
beforeEach(async () => {
  stage = await RunStage.open()
})
afterEach(() => stage.close())

async function sealed(): Promise<{ release: Release; manifest: ReleaseManifest }> {
  const run = await stage.run()
  expect(run.because).toMatch(/^every gate held/)
  const [release] = await stage.store.list<Release>(releaseKind)
  if (!release) throw new Error('no release')
  const manifest = parseManifest((await stage.world.content.read(release.digest)).toString('utf8'))
  if (isRefusal(manifest)) throw new Error(manifest.because)
  return { release, manifest }
}

test('a release names what it was made from, and the store holds all of it', async () => {
  const { release, manifest } = await sealed()
  const { content, attestations } = stage.world
  const entries = await content.readTree(manifest.code.tree ?? 'sha256:none')
  expect(entries.map(({ path }) => path)).toEqual(['lockstep.yaml', 'people.csv', 'ready.onnx'])
  const definition = JSON.parse((await content.read(manifest.pipeline.definition)).toString('utf8'))
  expect(definition).toMatchObject([{ name: 'train', outputs: ['model.onnx'] }])
  expect(digestOfJson(definition)).toBe(manifest.pipeline.definition)
  const gates = JSON.parse((await content.read(manifest.gates.definition)).toString('utf8'))
  expect(gates.gates[0].checks).toEqual([{ text: 'roc_auc >= 0.6', options: {} }])
  expect(manifest.reproducibility).toMatchObject({ level: 'R0' })
  const stored = await attestations.of(release.digest)
  expect(stored.map(({ kind }) => kind).sort()).toEqual([
    'gates',
    'gates',
    'model-signature',
    'provenance',
  ])
  const parts = await checkRelease({
    ...{ release, readObject: content.read, attestations: stored },
    trustedKeys: [key.trusted, modelKey.trusted],
  })
  expect(parts.filter(({ ok }) => !ok)).toEqual([])
  expect(parts.length).toBeGreaterThan(12)
})

test('a file that changes while the run is under way seals nothing, and is named', async () => {
  await stage.declare('cp ready.onnx', 'sleep 0.4; cp ready.onnx')
  stage.startControl()
  const id = await stage.request()
  await stage.phase(id, 'running')
  await stage.write('lockstep.yaml', `${project}# a last thought\n`)
  const run = await stage.ended(id)
  expect(run.phase).toBe('errored')
  expect(run.because).toMatch(/^lockstep.yaml changed while the run was under way/)
  expect(await stage.store.list(releaseKind)).toEqual([])
})

describe('files that differ from the commit', () => {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.email=a@b', '-c', 'user.name=a', ...args], { cwd: stage.dir })
  beforeEach(async () => {
    await stage.write('.gitignore', '.lockstep/\n')
    git('init', '-q')
    git('add', '-A')
    git('commit', '-qm', 'first')
  })

  test('are allowed where the project says so, and the release says so', async () => {
    await stage.write('lockstep.yaml', `${project}release: {dirty: allow}\n`)
    const { manifest } = await sealed()
    expect(manifest.code).toMatchObject({ dirty: true, commit: expect.any(String) })
    const codes = manifest.reproducibility.reasons.map(({ code }) => code)
    expect(codes).toContain('code-dirty')
  })

  test('are refused otherwise, before any step runs', async () => {
    await stage.declare('roc_auc >= 0.6', 'roc_auc >= 0.61')
    const run = await stage.run()
    expect(run).toMatchObject({ phase: 'errored', steps: [] })
    expect(run.because).toMatch(
      /differ from commit [0-9a-f]{9}.*must come from a commit.*no step was run/,
    )
    git('add', '-A')
    git('commit', '-qm', 'strict')
    expect((await stage.run()).phase).toBe('succeeded')
  })
})

test('no replica gets a release of which any byte was changed', async () => {
  const { release, manifest } = await sealed()
  const { content, store, attestations } = stage.world
  const ring = { release: key, model: modelKey, givenFrom: null, rotate: async () => {} }
  await introduceKeys(store, ring, 'tiny')
  const { spec } = await stage.world.loadProject()
  const trust = openTrust({ store, attestations, spec: () => spec, projectDir: stage.dir })
  const world = { store, content }
  const parts: readonly Digest[] = [
    release.modelDigest,
    release.manifestDigest,
    release.envelopeDigest,
    manifest.gates.evidence,
  ]
  expect(await locateVerified(world, trust)(release.id)).toMatchObject({
    digest: release.modelDigest,
  })
  for (const digest of parts) {
    const path = content.pathOf(digest)
    const bytes = await readFile(path)
    const step = Math.max(1, Math.floor(bytes.length / 7))
    for (let at = 0; at < bytes.length; at += step) {
      const spoilt = Buffer.from(bytes)
      spoilt[at] = (spoilt[at] ?? 0) ^ 1
      await put(path, spoilt)
      await expect(locateVerified(world, trust)(release.id)).rejects.toThrow(/may not serve/)
      await put(path, bytes)
    }
  }
  expect(await locateVerified(world, trust)(release.id)).toMatchObject({
    digest: release.modelDigest,
  })
})

/** A damaged object is put aside when it is found, so it may be missing by now. */
async function put(path: string, bytes: Buffer): Promise<void> {
  await chmod(path, 0o644).catch(() => {})
  await writeFile(path, bytes)
}
