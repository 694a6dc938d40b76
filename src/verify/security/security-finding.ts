// What a scan of a model artifact finds: plain JSON with a place, so that it can be recorded, judged again and acted on.

/** `low` is told and does not fail; everything above does. */
export type Severity = 'critical' | 'high' | 'medium' | 'low'

export const severities: readonly Severity[] = ['critical', 'high', 'medium', 'low']

export interface Place {
  /** The file, relative to the artifact. */
  readonly file: string
  /** Inside an archive: `archive/data.pkl`, and `inner.zip!/data.pkl` where archives are nested. */
  readonly member?: string
  /** Bytes from the beginning of the member, or of the file. */
  readonly offset?: number
}

export interface SecurityFinding {
  /** Stable name of the kind of finding: `pickle.import`. */
  readonly rule: SecurityRule
  readonly severity: Severity
  readonly place: Place
  /** What was found and what it would do when the artifact is loaded. */
  readonly what: string
  /** What a person does about it. */
  readonly next: string
  /** What an `allow` names to accept it: `mymodule.MyClass`, an operator domain. */
  readonly subject?: string
}

/** Contents that could not be looked into; an artifact that holds one is never clean. */
export interface Unread {
  readonly place: Place
  readonly because: string
}

export type SecurityRule =
  | 'pickle.import'
  | 'pickle.unknown_import'
  | 'pickle.hidden_import'
  | 'pickle.extension'
  | 'pickle.changes_import'
  | 'pickle.calls_result'
  | 'pickle.trailing'
  | 'archive.path'
  | 'archive.link'
  | 'archive.headers_differ'
  | 'archive.overlap'
  | 'archive.duplicate'
  | 'archive.hidden_member'
  | 'archive.bomb'
  | 'format.mismatch'
  | 'onnx.external_path'
  | 'onnx.custom_operator'
  | 'onnx.function_override'
  | 'keras.code'
  | 'keras.file_access'
  | 'hdf5.external_link'
  | 'saved_model.operator'
  | 'gguf.template'
  | 'tree.link'

export interface ScannedFile {
  readonly path: string
  readonly size: number
  readonly format: ArtifactFormat
  /** What its ending promises, when that is something else. */
  readonly promised?: ArtifactFormat
}

/** Everything known of an artifact after one scan; the checks are judged from it. */
export interface SecurityEvidence {
  readonly files: readonly ScannedFile[]
  readonly findings: readonly SecurityFinding[]
  readonly unread: readonly Unread[]
  /** What was looked at, as whole numbers. */
  readonly counted: { readonly members: number; readonly opcodes: number; readonly bytes: number }
}

/** Names of formats as `format in [...]` uses them. */
export const artifactFormats = [
  'onnx',
  'safetensors',
  'gguf',
  'json',
  'ubj',
  'lightgbm',
  'catboost',
  'tflite',
  'saved_model',
  'keras',
  'hdf5',
  'npy',
  'npz',
  'torch',
  'torch_legacy',
  'pickle',
  'joblib',
  'zip',
  'tar',
  'compressed',
  'python',
  'text',
  'empty',
  'unknown',
] as const

export type ArtifactFormat = (typeof artifactFormats)[number]
