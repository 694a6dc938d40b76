// MLmodel below is the file MLflow 3.17.2 wrote for mlflow.onnx.save_model(model, 'model') with onnx 1.23.2; see test/golden/mlflow.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { digestOf } from '../../foundation/digest.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { readMlflowModel } from './mlflow-model.ts'

const entry = (path: string) => ({ path, mode: '0644' as const, digest: digestOf(path), size: 9 })
const folder = ['MLmodel', 'conda.yaml', 'model.onnx', 'python_env.yaml', 'requirements.txt'].map(
  entry,
)
const because = (text: string, entries = folder) => {
  const read = readMlflowModel(text, entries)
  return isRefusal(read) ? read.because : 'it was read'
}

describe('an MLflow model folder', () => {
  it('is served from the file its onnx flavor names', () => {
    const text =
      'run_id: 3f2a\nflavors:\n  onnx: {data: model.onnx, onnx_version: 1.23.2}\n  python_function: {}\n'
    expect(readMlflowModel(text, folder)).toEqual({
      file: entry('model.onnx'),
      flavors: ['onnx', 'python_function'],
      runId: '3f2a',
      beside: [],
    })
  })

  it('without an onnx flavor names the flavors it has and how to export one', () => {
    expect(because('flavors: {sklearn: {pickled_model: model.pkl}, python_function: {}}')).toBe(
      "it has the flavors sklearn and no onnx flavor, which is what is served; in the step that saves it: mlflow.onnx.save_model(skl2onnx.to_onnx(model, X[:1], options={'zipmap': False}), 'model')",
    )
  })

  it.each([
    ['flavors: {onnx: {data: ../../etc/passwd}}', 'points out of the folder'],
    ['flavors: {onnx: {data: /etc/passwd}}', 'points out of the folder'],
    ['flavors: {onnx: {data: other.onnx}}', 'other.onnx, which is not in the folder'],
    ['flavors: {onnx: {data: [1]}}', 'names no data'],
    ['flavors: 3', 'no map of flavors'],
    ['a: [', 'cannot be read'],
    ['', 'no map of flavors'],
  ])('%j is refused', (text, reason) => expect(because(text)).toContain(reason))

  it('reads any text without an exception', () => {
    fc.assert(fc.property(fc.string(), (text) => void readMlflowModel(text, folder)))
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        readMlflowModel(JSON.stringify({ flavors: { onnx: value } }), folder)
      }),
    )
  })
})
