// Memory of another process, as the Linux kernel counts it (proc_pid_status(5)).
import { readFile } from 'node:fs/promises'

/** Bytes; null where the system does not tell. `VmHWM` is the most it ever was, `VmRSS` what it is now. */
export async function readMemory(
  processId: number | undefined,
  field: 'VmHWM' | 'VmRSS',
): Promise<number | null> {
  if (processId === undefined) return null
  const text = await readFile(`/proc/${processId}/status`, 'utf8').catch(() => '')
  const found = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
  return found === undefined ? null : Number(found) * 1024
}
