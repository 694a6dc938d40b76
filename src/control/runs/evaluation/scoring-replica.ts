// Gates judge the packaged model the way it will be served: in a replica process of its own, over the same socket protocol.
import type { ModelSignature } from '../../../serve/protocol/tensor.ts'
import type { ReplicaClient } from '../../../serve/runtime/replica-client.ts'

export interface ScoringRequest {
  readonly modelPath: string
  /** What people call the file: `model.onnx`. */
  readonly label: string
  readonly digest: string
  readonly modelName: string
}

export interface ScoringReplica {
  readonly client: ReplicaClient
  readonly signature: ModelSignature
  /** From starting the process to its first ready answer. */
  readonly loadMs: number
  /** Of the process that serves it; absent where it runs in this one. */
  readonly processId?: number
  stop(): Promise<void>
}

/** Throws when the model cannot be loaded; a hostile file can only take down that process. */
export type OpenScoringReplica = (
  request: ScoringRequest,
  signal: AbortSignal,
) => Promise<ScoringReplica>
