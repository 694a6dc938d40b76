// An MLflow model folder as a model artifact: its MLmodel file says which file is the ONNX model that can be served. Pure.
// The format: https://mlflow.org/docs/latest/ml/model/ (written by MLflow 1 to 3 alike).
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import type { TreeEntry } from '../artifacts/artifact.ts'
import { isWithin, normalisePath } from '../artifacts/relative-path.ts'
import { isMap, parseDvcFile } from './dvc-values.ts'

export interface MlflowModel {
  /** The file that is served, relative to the folder. */
  readonly file: TreeEntry
  readonly flavors: readonly string[]
  /** MLflow's run, when the model was logged by one. */
  readonly runId: string | null
  /** Siblings that may hold weights of their own: the ONNX file must not name them. */
  readonly beside: readonly string[]
}

export const mlmodelName = 'MLmodel'
/** A real one has a few kilobytes, with an input example some hundreds. */
export const largestMlmodel = 4 * 1024 * 1024

export function readMlflowModel(
  text: string,
  entries: readonly TreeEntry[],
): MlflowModel | Refusal {
  const document = parseDvcFile(mlmodelName, text)
  if (isRefusal(document)) return refuse('mlflow.unreadable', document.because)
  const flavors = document.get('flavors')
  if (!isMap(flavors)) return refuse('mlflow.unreadable', 'MLmodel has no map of flavors')
  const names = [...flavors.keys()].sort()
  const onnx = flavors.get('onnx')
  if (!isMap(onnx)) return noOnnx(names)
  const named = onnx.get('data')
  if (typeof named !== 'string') return refuse('mlflow.unreadable', 'its onnx flavor names no data')
  const path = normalisePath(named)
  if (isRefusal(path))
    return refuse('mlflow.path', `its onnx flavor points out of the folder: ${path.because}`)
  const inside = entries.filter((entry) => isWithin(entry.path, path))
  const file =
    inside.find((entry) => entry.path === path) ??
    inside.find((entry) => entry.path.endsWith('.onnx'))
  if (!file)
    return refuse(
      'mlflow.file_missing',
      `its onnx flavor names ${path}, which is not in the folder`,
    )
  const runId = document.get('run_id')
  return {
    file,
    flavors: names,
    runId: typeof runId === 'string' ? runId : null,
    beside: entries
      .map((entry) => entry.path)
      .filter((other) => other !== file.path && !isPlainPart(other)),
  }
}

function isPlainPart(path: string): boolean {
  return /(^|\/)(MLmodel|conda\.yaml|python_env\.yaml|requirements\.txt|registered_model_meta|[\w-]*input_example[\w.-]*\.json)$/.test(
    path,
  )
}

function noOnnx(flavors: readonly string[]): Refusal {
  const own = flavors.filter((name) => name !== 'python_function')
  const exporters = own.flatMap((name) => exporterOf[name] ?? [])
  const how =
    exporters.length > 0
      ? exporters.join('; ')
      : 'convert the model to ONNX, then save it with mlflow.onnx.save_model'
  return refuse(
    'mlflow.no_onnx',
    `it has ${own.length > 0 ? `the flavors ${own.join(', ')}` : 'no flavor of its own'} and no onnx flavor, which is what is served; in the step that saves it: ${how}`,
  )
}

const exporterOf: Readonly<Record<string, string>> = {
  sklearn:
    "mlflow.onnx.save_model(skl2onnx.to_onnx(model, X[:1], options={'zipmap': False}), 'model')",
  pytorch:
    "torch.onnx.export(model, example, 'model.onnx', dynamo=False), then mlflow.onnx.save_model(onnx.load('model.onnx'), 'model', save_as_external_data=False)",
  keras: "tf2onnx.convert.from_keras(model), then mlflow.onnx.save_model(it, 'model')",
  tensorflow: "tf2onnx.convert.from_keras(model), then mlflow.onnx.save_model(it, 'model')",
  xgboost: "mlflow.onnx.save_model(onnxmltools.convert_xgboost(model, initial_types=…), 'model')",
  lightgbm:
    "mlflow.onnx.save_model(onnxmltools.convert_lightgbm(model, initial_types=…, zipmap=False), 'model')",
  catboost:
    "model.save_model('model.onnx', format='onnx'), then mlflow.onnx.save_model(onnx.load('model.onnx'), 'model')",
}
