// Two projects with stores of their own and one sealed release in the first: a model in an MLflow folder, code, evidence, a card.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { type ContentStore, openContentStore } from '../../../src/build/artifacts/content-store.ts'
import type { Clock } from '../../../src/foundation/clock.ts'
import { digestOf } from '../../../src/foundation/digest.ts'
import { isRefusal } from '../../../src/foundation/refusal.ts'
import { type AttestationStore, createAttestationStore } from '../../../src/release/attestations.ts'
import type { ReleaseManifest } from '../../../src/release/manifest.ts'
import { type LayoutFolder, openLayoutFolder } from '../../../src/release/package/layout-folder.ts'
import { type PackedRelease, packRelease } from '../../../src/release/package/pack-release.ts'
import { cleared, key, manifest as sample } from '../../../src/release/sample-release.ts'
import { type SealedRelease, sealRelease } from '../../../src/release/seal-release.ts'
import { createObjectStore, type ObjectStore } from '../../../src/store/object-store.ts'
import { openSqlite } from '../../../src/store/sqlite.ts'
import { TestClock } from '../../support/test-clock.ts'

export interface Project {
  readonly dir: string
  readonly content: ContentStore
  readonly layout: LayoutFolder
  readonly store: ObjectStore
  readonly attestations: AttestationStore
  readonly clock: Clock
}

/** Time that passes at once: retries wait in it. */
export class EagerClock extends TestClock {
  slept = 0
  override async sleep(ms: number): Promise<void> {
    this.slept += ms
    this.advance(ms)
  }
}

export async function openProject(clock: Clock = new TestClock()): Promise<Project> {
  const dir = await mkdtemp(join(tmpdir(), 'lockstep-package-'))
  const db = await openSqlite(join(dir, 'lockstep.db'))
  onTestFinished(async () => {
    await db.destroy()
    await rm(dir, { recursive: true, force: true })
  })
  return {
    dir,
    clock,
    content: await openContentStore(join(dir, 'objects')),
    layout: await openLayoutFolder(join(dir, 'oci')),
    store: createObjectStore(db, clock),
    attestations: createAttestationStore(db),
  }
}

const codeFiles = {
  'lockstep.yaml': 'version: 1\n',
  'src/train.py': 'print("training")\n',
  [`src/${'deeply/'.repeat(20)}nested.py`]: 'pass\n',
}

export const modelBytes = Buffer.alloc(300_000, 'onnx')

const modelFiles = {
  'model.onnx': modelBytes,
  MLmodel: 'flavors: {onnx: {}}\n',
  'requirements.txt': 'onnxruntime\n',
}

/** The same whenever and wherever it is called. */
export async function sealSample(project: Project): Promise<SealedRelease> {
  const { content, dir, attestations } = project
  const code = await content.putTree(await folderOf(join(dir, 'code'), codeFiles))
  const folder = await content.putTree(await folderOf(join(dir, 'model'), modelFiles))
  const document = (name: string) => content.putBytes(JSON.stringify({ name }))
  const manifest: ReleaseManifest = {
    ...sample,
    code: { ...sample.code, tree: code.digest },
    artifact: {
      ...sample.artifact,
      ...{ path: 'model/model.onnx', digest: digestOf(modelBytes), size: modelBytes.length },
      folder: { path: 'model', digest: folder.digest, format: 'mlflow' },
    },
    pipeline: { ...sample.pipeline, definition: await document('pipeline') },
    gates: {
      ...{ definition: await document('gates'), evidence: await document('evidence') },
      verdict: 'pass',
    },
    referenceProfile: await document('profile'),
    card: await document('card facts'),
  }
  const sealed = sealRelease({ manifest, number: 3, signer: key, clearance: cleared })
  if (isRefusal(sealed)) throw new Error(sealed.because)
  for (const { bytes } of sealed.documents) await content.putBytes(bytes)
  const card = Buffer.from('# The card of this model\n')
  await attestations.add({
    ...{ release: sealed.release.digest, kind: 'card', mediaType: 'text/markdown' },
    ...{ digest: await content.putBytes(card), size: card.length, addedAt: 1_767_603_600_000 },
  })
  return sealed
}

export async function packSample(project: Project, number = 3): Promise<PackedRelease> {
  const { release } = await sealSample(project)
  const { content, layout } = project
  const attestations = await project.attestations.of(release.digest)
  return packRelease({ release, number, attestations, content, layout })
}

export function shelfOf({ layout }: Project, { root, referrers }: PackedRelease) {
  return layout.shelf('the layout', [root, ...referrers])
}

async function folderOf(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): Promise<string> {
  for (const [path, bytes] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), bytes)
  }
  return folder
}
