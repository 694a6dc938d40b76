// A folder that MLflow itself wrote (test/golden/mlflow) as the model of a run: judged in the serving runtime like any other.
import { cp } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOfFile } from '../../../src/foundation/digest.ts'
import { isRefusal } from '../../../src/foundation/refusal.ts'
import { parseManifest } from '../../../src/release/manifest.ts'
import { releaseKind } from '../../../src/release/release.ts'
import { project, RunStage } from './run-stage.ts'

const written = fileURLToPath(new URL('../../golden/mlflow/model', import.meta.url))

let stage: RunStage
beforeEach(async () => {
  stage = await RunStage.open()
  await cp(written, join(stage.dir, 'given'), { recursive: true })
  await declareFolder('cp -r given model')
})
afterEach(() => stage.close())

const declareFolder = (shell: string) =>
  stage.write(
    'lockstep.yaml',
    project
      .replace('artifact: model.onnx', 'artifact: model')
      .replace(
        /train: .*\n/,
        `train: {shell: ${JSON.stringify(shell)}, inputs: [given], outputs: [model]}\n`,
      ),
  )

describe('an MLflow model folder as model.artifact', () => {
  it('is served from its onnx flavor, and the release names folder and file', async () => {
    const run = await stage.run()
    expect(run.because).toContain('is sealed')
    const release = await stage.store.get(releaseKind, run.releaseId ?? '')
    const bytes = await digestOfFile(join(written, 'model.onnx'))
    expect(release.modelDigest).toBe(bytes)
    const manifest = parseManifest(
      (await stage.world.content.read(release.digest)).toString('utf8'),
    )
    if (isRefusal(manifest)) throw new Error(manifest.because)
    expect(manifest.artifact).toMatchObject({ path: 'model/model.onnx', digest: bytes })
  })

  it('without an onnx flavor says which flavors there are and how to export one', async () => {
    await declareFolder(
      "mkdir model && echo 'flavors: {sklearn: {}, python_function: {}}' > model/MLmodel",
    )
    const run = await stage.run()
    expect(run.phase).toBe('errored')
    expect(run.because).toContain(
      'model cannot be served: it has the flavors sklearn and no onnx flavor',
    )
    expect(run.because).toContain('skl2onnx.to_onnx')
  })

  it('that keeps its weights in a second file is refused before it is loaded', async () => {
    await declareFolder(
      'cp -r given model && echo weights > model/w.data && printf w.data >> model/model.onnx',
    )
    const run = await stage.run()
    expect(run.because).toContain('model.onnx keeps its weights in w.data')
    expect(run.because).toContain('save_as_external_data=False')
  })

  it.each([
    [
      "mkdir model && echo 'flavors: {onnx: {data: ../../../etc/passwd}}' > model/MLmodel",
      'points out of the folder',
    ],
    ['mkdir model && head -c 5000000 /dev/zero > model/MLmodel', '4194304 are the most'],
    ['mkdir model && echo "a: [" > model/MLmodel', 'MLmodel cannot be read'],
    ['mkdir model && echo x > model/weights.pt', 'a folder without an MLmodel file'],
  ])('made by `%s` is refused', async (shell, reason) => {
    await declareFolder(shell)
    expect((await stage.run()).because).toContain(reason)
  })
})
