// What a pickle instruction leaves on the stack, as far as it matters for telling what would be imported, called and read.

export type PickleValue =
  | { readonly is: 'text'; readonly text: string }
  | { readonly is: 'number'; readonly value: number }
  | { readonly is: 'truth'; readonly value: boolean }
  | { readonly is: 'none' }
  | { readonly is: 'tuple'; readonly items: readonly PickleValue[] }
  /** `name` is null when it could not be told; a finding says so. */
  | { readonly is: 'import'; readonly name: string | null }
  /** Made by calling something; `state` is what BUILD gave it. */
  | {
      readonly is: 'made'
      readonly by: PickleValue
      readonly args: PickleValue
      state?: PickleValue
    }
  | { readonly is: 'map'; readonly entries: Map<string, PickleValue> }
  | { readonly is: 'mark' }
  /** Numbers, bytes, lists, sets, …: nothing that can be imported or called. */
  | { readonly is: 'other' }

export const mark: PickleValue = { is: 'mark' }
export const other: PickleValue = { is: 'other' }
export const none: PickleValue = { is: 'none' }
export const emptyTuple: PickleValue = { is: 'tuple', items: [] }

/** A tuple's first few items are all that is ever asked for. */
const itemsKept = 16
const entriesKept = 32

export function tupleOf(items: readonly PickleValue[]): PickleValue {
  return { is: 'tuple', items: items.length > itemsKept ? items.slice(0, itemsKept) : items }
}

export function keepEntries(into: PickleValue | undefined, pairs: readonly PickleValue[]): void {
  if (into?.is !== 'map') return
  for (let at = 0; at + 1 < pairs.length && into.entries.size < entriesKept; at += 2) {
    const key = pairs[at]
    const value = pairs[at + 1]
    if (key?.is === 'text' && value !== undefined) into.entries.set(key.text, value)
  }
}
