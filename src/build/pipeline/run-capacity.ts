// What the machine and the project have for steps: processors, memory and the units of named pools. Pure.
import type { Refusal } from '../../foundation/refusal.ts'
import { refuse } from '../../foundation/refusal.ts'
import type { ResourceSpec, StepSpec } from '../../project/step-spec.ts'
import { didYouMean } from './nearest-name.ts'

export interface RunCapacity {
  readonly processors: number
  readonly memoryBytes: number
  readonly pools: Readonly<Record<string, number>>
}

/** For callers that limit nothing but the number of steps at once; it has no pools. */
export const boundless: RunCapacity = {
  processors: Number.POSITIVE_INFINITY,
  memoryBytes: Number.POSITIVE_INFINITY,
  pools: {},
}

/** Amounts by resource. Processors are in thousandths and all amounts whole, so that sums stay exact. */
export type Amounts = ReadonlyMap<string, number>

/** Every step also takes one lane: `lanes` is how many run at once, and the machine counts as having that many processors. */
export function amountsOf(capacity: RunCapacity, lanes: number): Amounts {
  return new Map([
    ['lanes', Math.max(1, lanes)],
    ['cpu', Math.round(Math.max(capacity.processors, lanes) * 1000)],
    ['memory', capacity.memoryBytes],
    ...Object.entries(capacity.pools).map(([pool, units]) => [`pool ${pool}`, units] as const),
  ])
}

export function demandOf(resources: ResourceSpec): Amounts {
  return new Map([
    ['lanes', 1],
    ['cpu', Math.round(resources.cpu * 1000)],
    ['memory', resources.memoryBytes ?? 0],
    ...Object.entries(resources.pools).map(([pool, units]) => [`pool ${pool}`, units] as const),
  ])
}

/** Steps that ask for more than there is would wait for ever. */
export function checkCapacity(
  steps: readonly StepSpec[],
  capacity: RunCapacity,
  lanes: number,
): Refusal[] {
  return steps.flatMap(({ name, resources }) => {
    const { processors, memoryBytes, pools } = capacity
    const asks = (sentence: string) => refuse('step.too_large', `step ${name} asks for ${sentence}`)
    const found: Refusal[] = []
    if (resources.cpu > Math.max(processors, lanes)) {
      const ceiling = Math.ceil(resources.cpu)
      found.push(
        asks(
          `${resources.cpu} processors, but this machine has ${processors}; lower resources.cpu, or let it share them with --jobs ${ceiling}`,
        ),
      )
    }
    if ((resources.memoryBytes ?? 0) > memoryBytes) {
      const [asked, there] = [gibibytes(resources.memoryBytes ?? 0), gibibytes(memoryBytes)]
      found.push(asks(`${asked} of memory, but this machine has ${there}; lower resources.memory`))
    }
    for (const [pool, units] of Object.entries(resources.pools)) {
      const there = Object.hasOwn(pools, pool) ? pools[pool] : undefined
      if (there !== undefined && units <= there) continue
      found.push(
        there === undefined
          ? asks(
              `${units} of the pool ${pool}, which is not declared under pools${didYouMean(pool, Object.keys(pools))}`,
            )
          : asks(`${units} of the pool ${pool}, but it has ${there}`),
      )
    }
    return found
  })
}

export function gibibytes(bytes: number): string {
  const units = [
    ['GiB', 1024 ** 3],
    ['MiB', 1024 ** 2],
    ['KiB', 1024],
  ] as const
  const [unit, size] = units.find(([, least]) => bytes >= least) ?? ['B', 1]
  return `${Math.round((bytes / size) * 10) / 10} ${unit}`
}
