// What has changed on the machine since a release was made, in words. Pure.
import type { BuiltOn } from '../../release/rebuild/rebuild-report.ts'

export interface MachineNow {
  readonly machine: BuiltOn['machine']
  readonly versions: { readonly lockstep: string; readonly node: string; readonly platform: string }
}

export function environmentChanges(recorded: BuiltOn, now: MachineNow): string[] {
  const pairs = [
    ['Lockstep', recorded.lockstep, now.versions.lockstep],
    ['Node.js', recorded.node, now.versions.node],
    ['the platform', recorded.platform, now.versions.platform],
    ['the processor', recorded.machine.processor, now.machine.processor],
  ] as const
  return pairs.flatMap(([name, before, after]) =>
    before === after ? [] : [`${name} changed from ${before} to ${after}`],
  )
}

export function builtOn({ machine, versions }: MachineNow): BuiltOn {
  return { ...versions, machine }
}
