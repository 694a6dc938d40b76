// What an import did with each thing it met. Nothing is dropped without a note.

export type NoteKind =
  /** Here in another form, same meaning. */
  | 'translated'
  /** Here, but it means something else than before: read these. */
  | 'changed'
  /** Not here, and why. */
  | 'left_out'
  /** For a person to decide. */
  | 'to_do'

export interface ImportNote {
  readonly kind: NoteKind
  /** `dvc.yaml: stages.train.frozen` */
  readonly about: string
  readonly sentence: string
}

export interface Notes {
  readonly all: readonly ImportNote[]
  add(kind: NoteKind, about: string, sentence: string): void
}

/** The same note about the same thing is kept once. */
export function collectNotes(): Notes {
  const all: ImportNote[] = []
  return {
    all,
    add: (kind, about, sentence) => {
      if (all.some((one) => one.about === about && one.sentence === sentence)) return
      all.push({ kind, about, sentence })
    },
  }
}
