// The part of a release manifest that clients need: what the model takes.
import type { TensorSpec } from '../serve/protocol/tensor.ts'

export interface ReleaseManifest {
  readonly artifact: { readonly signature: { readonly inputs: readonly TensorSpec[] } }
}
