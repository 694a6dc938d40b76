// The model of a run: a file that some step made, or the ONNX file inside a model folder that some step made.
import type { TreeEntry } from '../../build/artifacts/artifact.ts'
import type { ContentStore } from '../../build/artifacts/content-store.ts'
import { largestMlmodel, mlmodelName, readMlflowModel } from '../../build/imports/mlflow-model.ts'
import type { StepOutput } from '../../build/pipeline/step-run.ts'
import type { Digest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'

export interface ServedModel {
  /** The file that is served: of a folder, the one inside it, with the folder's path before its own. */
  readonly model: StepOutput & { readonly kind: 'file' }
  /** The step output it lies in when that is a folder. */
  readonly folder: ModelFolder | null
}

export interface ModelFolder {
  readonly path: string
  readonly digest: Digest
  readonly format: 'mlflow'
}

/** Throws `run.output_unfit` for a folder that is no MLflow model, or one that holds nothing to serve. */
export async function servedModel(output: StepOutput, content: ContentStore): Promise<ServedModel> {
  if (output.kind === 'file') return { model: output, folder: null }
  const { path, digest } = output
  const file = await fileInFolder(digest, content)
  if (isRefusal(file)) throw unfit(path, file)
  return {
    model: { ...file, kind: 'file', path: `${path}/${file.path}` },
    folder: { path, digest, format: 'mlflow' },
  }
}

async function fileInFolder(folder: Digest, content: ContentStore): Promise<TreeEntry | Refusal> {
  const entries = await content.readTree(folder)
  const described = entries.find((entry) => entry.path === mlmodelName)
  if (!described) {
    return refuse(
      'mlflow.no_mlmodel',
      `it is a folder without an ${mlmodelName} file; a model is one ONNX file or an MLflow model folder`,
    )
  }
  if (described.size > largestMlmodel)
    return refuse(
      'mlflow.unreadable',
      `its ${mlmodelName} has ${described.size} bytes; ${largestMlmodel} are the most`,
    )
  const text = (await content.read(described.digest)).toString('utf8')
  const read = readMlflowModel(text, entries)
  if (isRefusal(read)) return read
  const elsewhere = await weightsElsewhere(read.file, read.beside, content)
  return elsewhere ?? read.file
}

/** ONNX may keep weights in files beside it, and names them: what is served and signed is one file. */
async function weightsElsewhere(
  { path, digest }: TreeEntry,
  beside: readonly string[],
  content: ContentStore,
): Promise<Refusal | undefined> {
  if (beside.length === 0) return undefined
  const bytes = await content.read(digest)
  const named = beside.find((other) => bytes.includes(other.slice(other.lastIndexOf('/') + 1)))
  if (named === undefined) return undefined
  return refuse(
    'mlflow.external_data',
    `${path} keeps its weights in ${named}, and a model that is served is one file: save it with mlflow.onnx.save_model(…, save_as_external_data=False)`,
  )
}

function unfit(path: string, { refused, because }: Refusal): LockstepError {
  return new LockstepError({
    code: 'run.output_unfit',
    kind: 'invalid',
    message: `${path} cannot be served: ${because}`,
    hint: 'correct the step that writes it, or model.artifact in lockstep.yaml',
    details: { reason: refused },
  })
}
