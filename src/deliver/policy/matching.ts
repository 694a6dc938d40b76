// Maximum bipartite matching by augmenting paths (Kuhn 1955): how many slots can be filled when one person fills one slot.

/** For each slot the people who could fill it; the answer is who fills it, or null. */
export function matchSlots(slots: readonly (readonly string[])[]): readonly (string | null)[] {
  const slotOf = new Map<string, number>()
  const fill = (slot: number, tried: Set<string>): boolean => {
    for (const person of slots[slot] ?? []) {
      if (tried.has(person)) continue
      tried.add(person)
      const taken = slotOf.get(person)
      if (taken !== undefined && !fill(taken, tried)) continue
      slotOf.set(person, slot)
      return true
    }
    return false
  }
  for (let slot = 0; slot < slots.length; slot++) fill(slot, new Set())
  const filled = new Array<string | null>(slots.length).fill(null)
  for (const [person, slot] of slotOf) filled[slot] = person
  return filled
}
