// What the supervisor is asked to run, and what it answers: shared by the supervisor and whoever talks to it.

/** A replica as the control plane wants it; the supervisor knows how to start one. */
export interface ReplicaSpec {
  readonly id: string
  readonly environment: string
  readonly model: string
  readonly releaseId: string
  readonly release: string
  readonly modelPath: string
  readonly digest: string
  readonly socketPath: string
}

export interface ChildView {
  readonly id: string
  readonly kind: 'control' | 'gateway' | 'replica'
  readonly phase: 'starting' | 'ready' | 'failed' | 'stopping'
  readonly pid: number | null
  readonly restarts: number
  readonly because: string | null
  /** Where it answers, when it does. */
  readonly socketPath: string | null
}

export interface SupervisorView {
  readonly pid: number
  readonly children: readonly ChildView[]
  readonly replicas: readonly ReplicaSpec[]
}
