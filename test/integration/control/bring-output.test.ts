// What a step made comes out of the store whole, proved, and never over something a person has.
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { bringOutput } from '../../../src/control/runs/bring-output.ts'
import { project, RunStage } from './run-stage.ts'

let stage: RunStage
beforeEach(async () => {
  stage = await RunStage.open()
  const command =
    'cp ready.onnx model.onnx && mkdir plots && echo 1 > plots/a.svg && echo 2 > plots/b.svg'
  await stage.write(
    'lockstep.yaml',
    project
      .replace('cp ready.onnx model.onnx && echo trained', command)
      .replace('outputs: [model.onnx]', 'outputs: [model.onnx, plots]'),
  )
})
afterEach(() => stage.close())

const bring = (path: string, to: string, replace: 'refuse' | 'replace' = 'refuse') =>
  bringOutput(stage.world, {
    ...{ path, to: join(stage.dir, to), replace, run: null, model: 'tiny', projectDir: stage.dir },
  })

test('a file and a folder, each with its own bytes', async () => {
  await stage.run()
  await bring('model.onnx', 'model.onnx')
  await bring('plots', 'drawn')
  const model = await readFile(join(stage.dir, 'model.onnx'))
  expect(model).toEqual(await readFile(join(stage.dir, 'ready.onnx')))
  expect((await readdir(join(stage.dir, 'drawn'))).sort()).toEqual(['a.svg', 'b.svg'])
})

test('what is there is kept unless it is to be replaced', async () => {
  await stage.run()
  await writeFile(join(stage.dir, 'mine.onnx'), 'my own work')
  await expect(bring('model.onnx', 'mine.onnx')).rejects.toThrow(/exists already/)
  expect(await readFile(join(stage.dir, 'mine.onnx'), 'utf8')).toBe('my own work')
  await bring('model.onnx', 'mine.onnx', 'replace')
  expect(await readFile(join(stage.dir, 'mine.onnx'), 'utf8')).not.toBe('my own work')
})

test('an object that is damaged brings nothing, and leaves what was there', async () => {
  const run = await stage.run()
  const digest = run.steps[0]?.outputs.find(({ path }) => path === 'model.onnx')?.digest
  const object = stage.world.content.pathOf(digest ?? 'sha256:none')
  await writeFile(join(stage.dir, 'mine.onnx'), 'my own work')
  await stage.world.content.remove([digest ?? 'sha256:none'])
  await writeFile(object, 'something else')
  await expect(bring('model.onnx', 'mine.onnx', 'replace')).rejects.toThrow(/damaged|digest/)
  expect(await readFile(join(stage.dir, 'mine.onnx'), 'utf8')).toBe('my own work')
  expect((await readdir(stage.dir)).filter((name) => name.startsWith('mine'))).toEqual([
    'mine.onnx',
  ])
})

test('an output that nobody made is named, with the nearest that was', async () => {
  await stage.run()
  await expect(bring('modle.onnx', 'x')).rejects.toThrow(/made modle.onnx; did you mean model.onnx/)
})
