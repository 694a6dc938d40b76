// What a project's own tests said, as a gate needs it: counts, the first failures by name, and the end of the output.

export interface TestStatistics {
  readonly method: 'tests'
  readonly exitCode: number
  /** null when no report was asked for: then the exit code alone speaks. */
  readonly report: TestCounts | null
  /** The last lines of what the command wrote. */
  readonly output: string
}

export interface TestCounts {
  readonly suites: number
  readonly tests: number
  readonly failures: number
  readonly errors: number
  readonly skipped: number
  /** The first of them, with the first line of what they say. */
  readonly failed: readonly FailedTest[]
}

export interface FailedTest {
  readonly name: string
  readonly says: string
}

/** Which runs of tests are the same one: a command that two checks name runs once. */
export function testKey(spec: {
  readonly command: string
  readonly junit: string | null
  readonly timeoutMs: number
  readonly inputs: readonly string[]
  readonly environment: string | null
}): string {
  const { command, junit, timeoutMs, inputs, environment } = spec
  return JSON.stringify([command, junit, timeoutMs, inputs, environment])
}
