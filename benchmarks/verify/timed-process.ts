// One command from its start to its end: wall-clock, processor and memory, as GNU time sees them.
import { spawnSync } from 'node:child_process'
import { stopwatch } from '../../src/foundation/system-clock.ts'

export interface TimedProcess {
  readonly wallMs: number
  /** User and system time. On a machine that does other things too it says more than the clock. */
  readonly cpuMs: number
  readonly peakMegabytes: number
  readonly stdout: string
}

export function timedProcess(program: string, words: readonly string[], cwd = '.'): TimedProcess {
  const elapsed = stopwatch()
  const ended = spawnSync('/usr/bin/env', ['time', '-f', '%M %U %S', program, ...words], {
    ...{ cwd, encoding: 'utf8', maxBuffer: 1e9 },
  })
  const wallMs = elapsed()
  const lines = ended.stderr.trim().split('\n')
  if (ended.status !== 0) {
    const said = `${lines.slice(-5).join('\n')}${ended.stdout.slice(0, 500)}`
    throw new Error(`${program} ${words[0]} ended with ${ended.status}: ${said}`)
  }
  const [kilobytes = 0, user = 0, system = 0] = lines.at(-1)?.split(' ').map(Number) ?? []
  return {
    wallMs,
    cpuMs: (user + system) * 1000,
    peakMegabytes: (kilobytes * 1024) / 1e6,
    stdout: ended.stdout,
  }
}

/** The quickest of several rounds: what else the machine does only ever adds. Memory is the most of all. */
export function quickest(rounds: number, run: () => TimedProcess): TimedProcess {
  const all = Array.from({ length: rounds }, run)
  const least = (of: (one: TimedProcess) => number) => Math.min(...all.map(of))
  return {
    wallMs: least((one) => one.wallMs),
    cpuMs: least((one) => one.cpuMs),
    peakMegabytes: Math.max(...all.map((one) => one.peakMegabytes)),
    stdout: all[0]?.stdout ?? '',
  }
}
