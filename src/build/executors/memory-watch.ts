// Watches how much memory the processes of an attempt hold. No user may set a limit on a family of processes without
// root everywhere, and a limit on address space ends programs that only reserve it; so what is held is looked at, often.
import { readFileSync } from 'node:fs'
import type { Clock } from '../../foundation/clock.ts'
import { processesOf } from './process-group.ts'

/** Between two looks. What grows faster than this is seen when it is there. */
const lookEveryMs = 200

/** Resolves with what was held when that exceeded the limit; never where there is no /proc (macOS). */
export async function exceedsMemory(watch: {
  readonly attempt: string
  readonly limitBytes: number
  readonly clock: Clock
  readonly ended: AbortSignal
}): Promise<number> {
  const { attempt, limitBytes, clock, ended } = watch
  while (!ended.aborted) {
    await clock.sleep(lookEveryMs, ended)
    if (ended.aborted) break
    const pids = processesOf(attempt)
    // Pages that processes share are counted once for each in the resident size: a cheap first look, never the verdict.
    if (sumOf(pids, residentBytes) <= limitBytes) continue
    const held = sumOf(pids, proportionalBytes)
    if (held > limitBytes) return held
  }
  return new Promise(() => {})
}

function sumOf(pids: readonly number[], bytesOf: (pid: number) => number): number {
  return pids.reduce((sum, pid) => sum + bytesOf(pid), 0)
}

/** proc_pid_status(5): VmRSS. */
function residentBytes(pid: number): number {
  return kibibytes(`/proc/${pid}/status`, /^VmRSS:\s+(\d+) kB/m) ?? 0
}

/** proc_pid_smaps_rollup(5): Pss, each shared page divided by those who share it. */
function proportionalBytes(pid: number): number {
  return kibibytes(`/proc/${pid}/smaps_rollup`, /^Pss:\s+(\d+) kB/m) ?? residentBytes(pid)
}

function kibibytes(path: string, pattern: RegExp): number | undefined {
  try {
    const found = pattern.exec(readFileSync(path, 'latin1'))
    return found === null ? undefined : Number(found[1]) * 1024
  } catch {
    // It ended meanwhile, or is not ours to look into.
    return undefined
  }
}
