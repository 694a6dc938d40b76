// A refusal is an expected "no" from pure code: a value, never an exception.

export interface Refusal {
  readonly refused: string
  readonly because: string
}

export function refuse(code: string, because: string): Refusal {
  return { refused: code, because }
}

export function isRefusal(value: unknown): value is Refusal {
  return typeof value === 'object' && value !== null && 'refused' in value && 'because' in value
}
