// Which of the waiting steps start now: first come, first served, but a step that fits may overtake one that does not,
// a few times only. After that the room the big step needs is kept free until it has it: nobody waits for ever. Pure.
import type { Amounts } from './run-capacity.ts'

export interface WaitingStep {
  readonly name: string
  readonly demand: Amounts
  /** How many steps that came later have started before it. */
  readonly overtaken: number
}

/** Enough to fill gaps beside a big step, few enough to bound its wait. */
export const patience = 4

export interface Starts {
  readonly start: readonly string[]
  /** Those that were overtaken now, with how many times in all. */
  readonly overtaken: ReadonlyMap<string, number>
}

/** @param waiting in the order in which they could have started. @param free what is not taken by running steps. */
export function chooseStarts(waiting: readonly WaitingStep[], free: Amounts): Starts {
  const left = new Map(free)
  const start: string[] = []
  const passed: { readonly step: WaitingStep; times: number }[] = []
  for (const step of waiting) {
    if ((left.get('lanes') ?? 0) < 1) break
    if (!fits(step.demand, left)) {
      passed.push({ step, times: step.overtaken })
      continue
    }
    const mayOvertake = passed.every(
      ({ step: bigger, times }) => times < patience || leavesRoom(step.demand, bigger.demand, left),
    )
    if (!mayOvertake) continue
    for (const one of passed) one.times += 1
    start.push(step.name)
    take(left, step.demand)
  }
  return { start, overtaken: new Map(passed.map(({ step, times }) => [step.name, times])) }
}

export function take(left: Map<string, number>, demand: Amounts): void {
  for (const [resource, amount] of demand) left.set(resource, (left.get(resource) ?? 0) - amount)
}

export function giveBack(left: Map<string, number>, demand: Amounts): void {
  for (const [resource, amount] of demand) left.set(resource, (left.get(resource) ?? 0) + amount)
}

function fits(demand: Amounts, left: Amounts): boolean {
  return [...demand].every(([resource, amount]) => amount <= (left.get(resource) ?? 0))
}

/** Of what the bigger step needs, the smaller one takes nothing that would then be lacking. */
function leavesRoom(demand: Amounts, bigger: Amounts, left: Amounts): boolean {
  return [...demand].every(([resource, amount]) => {
    const needed = bigger.get(resource) ?? 0
    return amount === 0 || needed === 0 || (left.get(resource) ?? 0) - amount >= needed
  })
}
