// What each way of not answering means in HTTP, and the one error body of the Open Inference Protocol.
// Servers disagree on these (kserve#2882, NeMo-Retriever#1077); the table follows what clients can act on.

export const statusTable = {
  ok: 200,
  bad_request: 400,
  unknown_path: 404,
  unknown_model: 404,
  unknown_version: 404,
  wrong_method: 405,
  body_timeout: 408,
  too_large: 413,
  unsupported_encoding: 415,
  /** The model itself raised, or its process died twice under this request. */
  model_failed: 500,
  /** No replica of the release is there: come back after Retry-After seconds. */
  not_ready: 503,
  /** A queue on the way is full. */
  saturated: 503,
  deadline: 504,
} as const

export type Situation = keyof typeof statusTable

/** `{"error": sentence}`, the body of every answer that is not 200. */
export function errorBody(sentence: string): string {
  return `{"error":${JSON.stringify(sentence)}}`
}
