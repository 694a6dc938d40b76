// Where evidence is kept. The database side is the store's; observe needs only these two methods.
import type { Instant } from '../../foundation/clock.ts'
import type { EvidenceRow } from './evidence.ts'

export interface LedgerPort {
  /**
   * Adds the rows and remembers the segment's name in one transaction; a name that is known adds nothing. So a crash between
   * the commit and the deletion of the file is harmless.
   */
  ingest(segmentName: string, rows: readonly EvidenceRow[]): Promise<'stored' | 'duplicate'>
  rowsOf(query: EvidenceQuery): Promise<EvidenceRow[]>
}

/** Every field narrows. */
export interface EvidenceQuery {
  readonly environment?: string
  readonly model?: string
  readonly rolloutId?: string
  readonly releaseId?: string
  /** Minutes that start at or after this instant. */
  readonly since?: Instant
}
