// What is kept and why: garbage collection, pins, lineage, exports of records: methods, routes, inputs and views of this part of the API. Browser-safe.
import { z } from 'zod'
import type { Listener, RouteTable } from './route.ts'

export interface HeapView {
  readonly objects: number
  readonly bytes: number
}

export interface GcInput {
  /** Remove; otherwise only look. */
  readonly apply?: boolean
  readonly waitMs?: number
  readonly recentMs?: number
  readonly recentRuns?: number
  /** Drop releases that have been archived or yanked for so long. */
  readonly archivedMs?: number
  /** For the audit trail, when something is removed. */
  readonly because?: string
}

export interface GcView {
  readonly applied: boolean
  readonly waitMs: number
  readonly total: HeapView
  /** What needs it → how much; each object counts once. */
  readonly kept: Readonly<Record<'release' | 'environment' | 'pin' | 'run' | 'action', HeapView>>
  /** By what it was: needed by nothing, and of that what has been so for the whole waiting period. */
  readonly unneeded: readonly (HeapView & { readonly sort: string; readonly due: HeapView })[]
  readonly leftovers: readonly (HeapView & { readonly sort: string })[]
  /** Null when only looked at. */
  readonly removed: (HeapView & { readonly results: number; readonly spared: number }) | null
  readonly nextAt: string | null
  /** Needed, and not there. */
  readonly missing: readonly { readonly digest: string; readonly says: string }[]
}

export interface WhyKeptView {
  readonly subject: string
  readonly digest: string
  readonly kept: boolean
  readonly stored: boolean
  readonly chain: readonly string[]
  readonly goesAt: string | null
}

export interface PinView {
  readonly digest: string
  readonly because: string
  readonly actor: string
  readonly pinnedAt: string
  /** `release 3 (quiet-otter)` when it is one. */
  readonly name: string | null
}

export interface LineageNodeView {
  readonly id: string
  readonly kind: string
  readonly title: string
  readonly facts: readonly string[]
  /** How it hangs on the node above: `trained on`, `served from … until …`. */
  readonly by: string
  /** Shown with all its own branches elsewhere in the same tree. */
  readonly again: boolean
  readonly next: readonly LineageNodeView[]
}

export interface TraceView {
  readonly subject: { readonly id: string; readonly kind: string; readonly title: string }
  readonly facts: readonly string[]
  /** What it was made from; null when not asked for. */
  readonly up: readonly LineageNodeView[] | null
  /** What was made from it. */
  readonly down: readonly LineageNodeView[] | null
  /** Every time something made from it served. */
  readonly served: readonly ServedView[]
}

export interface ServedView {
  readonly environment: string
  readonly release: number
  readonly alias: string
  readonly from: string
  /** Null: it serves now. */
  readonly until: string | null
  readonly outcome: string
}

export type RecordFormat = 'openlineage' | 'croissant' | 'cyclonedx'

export interface KeepingApi {
  collectGarbage(input: GcInput, listener: Listener): Promise<GcView>
  whyKept(query: { readonly subject: string }): Promise<WhyKeptView>
  pins(): Promise<PinView[]>
  pin(input: { readonly subject: string; readonly because: string }): Promise<PinView>
  unpin(input: {
    readonly subject: string
    readonly because?: string | undefined
  }): Promise<PinView>
  trace(query: {
    readonly subject: string
    readonly direction?: 'up' | 'down' | undefined
  }): Promise<TraceView>
  /** The document as text: JSON, or for OpenLineage one event a line. */
  exportRecord(query: {
    readonly subject: string
    readonly format: RecordFormat
  }): Promise<{ readonly text: string; readonly notes: readonly string[] }>
}

export const keepingRoutes: RouteTable<KeepingApi> = {
  collectGarbage: { method: 'POST', path: '/api/gc', tells: true },
  whyKept: { method: 'GET', path: '/api/why-kept' },
  pins: { method: 'GET', path: '/api/pins' },
  pin: { method: 'POST', path: '/api/pins' },
  unpin: { method: 'POST', path: '/api/pins/remove' },
  trace: { method: 'GET', path: '/api/trace' },
  exportRecord: { method: 'GET', path: '/api/export-record' },
}

const subject = z.string().min(1).max(2000)
const reason = z.string().min(1).max(2000)
const ms = z.int().min(0)

export const keepingInputs: Partial<Record<keyof KeepingApi, z.ZodType>> = {
  collectGarbage: z.strictObject({
    apply: z.boolean().optional(),
    waitMs: ms.optional(),
    recentMs: ms.optional(),
    recentRuns: z.int().min(0).optional(),
    archivedMs: ms.optional(),
    because: reason.optional(),
  }),
  whyKept: z.strictObject({ subject }),
  pin: z.strictObject({ subject, because: reason }),
  unpin: z.strictObject({ subject, because: reason.optional() }),
  trace: z.strictObject({ subject, direction: z.enum(['up', 'down']).optional() }),
  exportRecord: z.strictObject({
    subject,
    format: z.enum(['openlineage', 'croissant', 'cyclonedx']),
  }),
}
