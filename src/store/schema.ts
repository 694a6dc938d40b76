// Every table and column. JSON columns hold text; instants are integers (milliseconds, UTC).
import type { Generated, Kysely } from 'kysely'

export interface ObjectRow {
  kind: string
  id: string
  phase: string
  revision: number
  model: string
  environment: string | null
  parent_id: string | null
  number: number | null
  wake_at: number | null
  terminal: number
  created_at: number
  updated_at: number
  body: string
}

export interface EventRow {
  seq: Generated<number>
  at: number
  kind: string
  object_id: string
  revision: number
  phase: string
  model: string
  environment: string | null
  type: string
  actor: string
  because: string
  details: string
  after: string
  previous_hash: string
  hash: string
}

export interface IntentRow {
  id: string
  kind: string
  object_id: string
  command: string
  actor: string
  reason: string | null
  payload: string
  idempotency_key: string
  written_at: number
  answered_at: number | null
  accepted: number | null
  because: string | null
}

export interface NoticeRow {
  id: string
  topic: string
  sentence: string
  details: string
  written_at: number
  attempts: number
  delivered_at: number | null
}

export interface LeaseRow {
  name: string
  holder: string
  expires_at: number
}

export interface ActionRow {
  key: string
  step: string
  document: string
  outputs: string
  log_digest: string | null
  recorded_at: number
}

export interface DivergenceRow {
  id: string
  key: string
  outputs: string
  seen_at: number
}

export interface EvidenceRowColumns {
  environment: string
  model: string
  rollout_id: string
  candidate_bp: number
  arm: string
  release_id: string
  minute: number
  requests: number
  errors: number
  client_errors: number
  unavailable: number
  rows: number
  sum_ms: number
  max_ms: number
  latency: string
  first_error_at: number | null
  last_error_at: number | null
  first_answer_at: number | null
  last_answer_at: number | null
}

export interface EvidenceSegmentRow {
  name: string
  at: number
}

export interface AttestationRow {
  release_digest: string
  kind: string
  media_type: string
  digest: string
  size: number
  added_at: number
}

/** Objects of the content store that nothing kept when last looked at, and since when. */
export interface UnreachableRow {
  digest: string
  size: number
  since: number
}

export interface Schema {
  attestations: AttestationRow
  unreachable: UnreachableRow
  objects: ObjectRow
  events: EventRow
  intents: IntentRow
  notices: NoticeRow
  leases: LeaseRow
  actions: ActionRow
  divergences: DivergenceRow
  evidence: EvidenceRowColumns
  evidence_segments: EvidenceSegmentRow
}

export type Database = Kysely<Schema>
