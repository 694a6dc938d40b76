// The answer about one part of a release.
export interface CheckedPart {
  /** `manifest`, `model`, `signature`, `evidence`, `code file src/train.py`, `provenance attestation 1a2b…`, … */
  readonly part: string
  readonly ok: boolean
  /** One sentence. */
  readonly because: string
}
