// DVC does not know which output is the model, nor how it is judged: both are guessed here from names, and said to be guesses. Pure.
import { isWithin } from '../artifacts/relative-path.ts'
import type { Notes } from './dvc-notes.ts'
import type {
  ImportedDataset,
  ImportedProject,
  ImportedStep,
  ProjectFiles,
} from './imported-project.ts'

export interface DeclaredArtifact {
  readonly about: string
  readonly path: string
  readonly isModel: boolean
  readonly description: string | null
}

export interface ModelQuestion {
  readonly steps: readonly ImportedStep[]
  readonly datasets: readonly ImportedDataset[]
  readonly files: ProjectFiles
  readonly artifacts: readonly DeclaredArtifact[]
  readonly notes: Notes
}

type Choice = Pick<ImportedProject, 'artifact' | 'description' | 'holdout'>

export function chooseModel(question: ModelQuestion): Choice {
  const { steps, artifacts, notes } = question
  const outputs = steps.flatMap((step) => step.outputs)
  const declared = artifacts.find((one) => one.isModel && outputs.includes(one.path))
  for (const one of artifacts) {
    if (one === declared)
      notes.add('translated', one.about, `${one.path} is the model (model.artifact)`)
    else
      notes.add(
        'left_out',
        one.about,
        'a project has one model; other files are outputs, found by their digest',
      )
  }
  const artifact = declared?.path ?? likelyModel(outputs)
  if (!declared)
    notes.add(
      'to_do',
      'model.artifact',
      `${artifact} was taken for the model by its name; correct it if it is another output`,
    )
  noteFormat(artifact, question)
  return {
    artifact,
    description: declared?.description ?? null,
    holdout: holdoutOf(question, artifact),
  }
}

const modelSigns = [
  /\.onnx$/i,
  /(^|\/)mlruns?\/|(^|\/)mlflow/i,
  /model[^/]*\.(pkl|pickle|joblib|pt|pth|h5|keras|safetensors|cbm|bst|ubj)$/i,
  /\.(pkl|pickle|joblib|pt|pth|h5|keras|safetensors|cbm|bst|ubj)$/i,
  /(^|\/)models?(\/|$)|model/i,
]

/** The best sign wins; of several the last, which is made last. */
function likelyModel(outputs: readonly string[]): string {
  for (const sign of modelSigns) {
    const fitting = outputs.filter(
      (path) => sign.test(path) && !/metrics|report|scores/i.test(path),
    )
    const last = fitting.at(-1)
    if (last !== undefined) return last
  }
  return outputs.at(-1) ?? ''
}

function noteFormat(artifact: string, { files, notes }: ModelQuestion): void {
  if (/\.onnx$/i.test(artifact)) return
  const isFolder = files.kindOf(artifact) === 'folder'
  if (isFolder && files.kindOf(`${artifact}/MLmodel`) === 'file') {
    notes.add(
      'translated',
      'model.artifact',
      `${artifact} is an MLflow model; what is served is its onnx flavor`,
    )
    return
  }
  notes.add(
    'to_do',
    'model.artifact',
    `${artifact} is not ONNX, and only ONNX is served. The steps run and are cached all the same, and the gates then say that they cannot load it; for a release add a step that exports it: skl2onnx for scikit-learn, torch.onnx.export for PyTorch, tf2onnx for Keras, onnxmltools for XGBoost and LightGBM (docs/guide/bring-an-existing-project.md)`,
  )
}

const holdoutSign = /(test|hold-?out|valid|eval)/i
const tableSign = /\.(csv|parquet|json|jsonl|ndjson)$/i

function holdoutOf(question: ModelQuestion, artifact: string): ImportedProject['holdout'] {
  const { steps, datasets, files, notes } = question
  const outputs = steps.flatMap((step) => step.outputs).filter((path) => path !== artifact)
  const measured = new Set(steps.flatMap((step) => step.metrics))
  const tables = outputs.filter((path) => tableSign.test(path) && !measured.has(path))
  const output = tables.find((path) => holdoutSign.test(path))
  const dataset = datasets.find((one) => holdoutSign.test(one.path)) ?? datasets[0]
  const source = output ?? dataset?.name ?? tables[0] ?? outputs[0] ?? artifact
  const path = output ?? (source === dataset?.name ? dataset.path : source)
  const columns = columnsOf(path, files)
  const label =
    columns.find((name) => /^(label|target|y|class|outcome)$/i.test(name)) ??
    columns.at(-1) ??
    'label'
  notes.add(
    'to_do',
    'evaluate',
    `DVC has no gates. ${source} was taken for the holdout and ${label} for its label, both by their names: correct them, then write under gates what must hold`,
  )
  return { source, label }
}

function columnsOf(path: string, files: ProjectFiles): string[] {
  const file =
    files.kindOf(path) === 'folder'
      ? files.paths.find((one) => isWithin(one, path) && one.endsWith('.csv'))
      : path
  if (!file?.endsWith('.csv')) return []
  const [header = ''] = (files.read(file) ?? '').split(/\r?\n/, 1)
  return header
    .split(/[,;\t]/)
    .map((name) => name.trim().replace(/^"|"$/g, ''))
    .filter((name) => name !== '' && /^[\w .-]{1,60}$/.test(name))
}
