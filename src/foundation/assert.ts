// Invariants: a broken one is a bug in Lockstep, caught only at the loop boundary.

export class InvariantError extends Error {
  override name = 'InvariantError'
}

export function assert(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new InvariantError(sentence)
}

/** Ends an exhaustive switch: the compiler proves it is never reached. */
export function assertNever(value: never): never {
  throw new InvariantError(`unexpected value ${JSON.stringify(value)}`)
}
