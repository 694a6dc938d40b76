// Standing watches and what starts a run: monitors and triggers as declared.

export interface MonitorSpec {
  readonly name: string
  readonly kind: 'drift'
  readonly environment: string
  /** Columns to compare; empty means every model input and the score. */
  readonly columns: readonly string[]
  /** Rows a window needs before it may say anything; below, the finding is `insufficient`. */
  readonly minRows: number
  /** Look again this often. */
  readonly everyMs: number
  /** Live rows older than this are not part of the window. */
  readonly windowMs: number
  /** Effect size a feature must reach to count as drifted (PSI on reference edges). */
  readonly psi: number
  /** False-discovery rate across features (Benjamini-Hochberg). */
  readonly falseDiscovery: number
  /** Windows in a row that must agree before an alert fires. */
  readonly persistence: number
}

export interface TriggerSpec {
  readonly name: string
  readonly on:
    | { readonly kind: 'alert'; readonly monitor: string }
    | { readonly kind: 'schedule'; readonly cron: string; readonly timeZone: string }
    | { readonly kind: 'data' }
  /** Brakes. A firing that meets one is recorded as suppressed, with the reason. */
  readonly cooldownMs: number
  readonly maxPerDay: number
}
