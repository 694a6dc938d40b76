// What an import makes before it is written down: steps and datasets in the words of lockstep.yaml.

export interface ImportedStep {
  readonly name: string
  /** What it was called before, when that differs. */
  readonly formerly: string | null
  readonly description: string | null
  readonly command: { readonly run: string } | { readonly shell: string }
  /** '' is the project folder. */
  readonly folder: string
  readonly inputs: readonly string[]
  /** `params.yaml:train.lr` */
  readonly params: readonly string[]
  readonly outputs: readonly string[]
  readonly metrics: readonly string[]
}

export interface ImportedDataset {
  readonly name: string
  readonly path: string
}

export interface ImportedProject {
  readonly name: string
  readonly description: string | null
  readonly datasets: readonly ImportedDataset[]
  readonly steps: readonly ImportedStep[]
  /** One of the outputs. */
  readonly artifact: string
  /** The dataset or output taken for the holdout, and the column taken for the label: guesses. */
  readonly holdout: { readonly source: string; readonly label: string }
  /** A lock file whose every package is pinned. */
  readonly pythonLock: string | null
}

/** What is in the project folder right now. */
export interface ProjectFiles {
  /** Undefined when there is no such file, or it is no text of reasonable size. */
  read(path: string): string | undefined
  kindOf(path: string): 'file' | 'folder' | null
  /** Project-relative, without `.git`, `.dvc`, environments and the like. */
  readonly paths: readonly string[]
}
