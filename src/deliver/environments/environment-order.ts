// The order in which a release passes through environments, by their `after`.
import type { EnvironmentSpec } from '../../project/environment-spec.ts'

/** The end of the chain: the environment that comes after the most others; the later declared among equals. Champions live there. */
export function lastEnvironment(
  environments: readonly EnvironmentSpec[],
): EnvironmentSpec | undefined {
  const depth = (one: EnvironmentSpec, seen: readonly string[] = []): number => {
    const before = environments.find((other) => other.name === one.after)
    return before && !seen.includes(before.name) ? 1 + depth(before, [...seen, one.name]) : 0
  }
  return environments.reduce<EnvironmentSpec | undefined>(
    (last, one) => (!last || depth(one) >= depth(last) ? one : last),
    undefined,
  )
}
