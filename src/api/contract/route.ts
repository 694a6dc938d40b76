// One method of the API as HTTP, and the way long work tells what it is doing. Browser-safe.

export interface Route {
  readonly method: 'GET' | 'POST'
  /** `:name` parts are filled from the method's leading string arguments, in order; what is left is the query or the body. */
  readonly path: string
  /**
   * Long work: the method takes a Listener after its input. The answer is newline-delimited JSON: any number of
   * {"told": ProgressView}, then one {"answer": …} or {"problem": ProblemView}.
   */
  readonly tells?: true
}

export type RouteTable<Api> = Readonly<Record<keyof Api, Route>>

/** How far long work is. */
export interface ProgressView {
  /** `copying model.onnx`. */
  readonly sentence: string
  readonly done: number | null
  readonly total: number | null
  readonly unit: 'bytes' | 'files' | 'steps' | null
}

/** Whoever waits for long work. */
export interface Listener {
  told(progress: ProgressView): void
  /** Aborted when the listener has gone: the work then stops cleanly. */
  readonly signal: AbortSignal
}

export const lineType = 'application/x-ndjson'
