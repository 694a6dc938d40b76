// The project's own tests, run by the executor of the steps when some gate asks for them: in a folder of their own with copies of
// what they declare, and with the packaged model and the holdout beside it.
import { constants } from 'node:fs'
import { copyFile, lstat, mkdir, open, readFile, rm, symlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { AttemptEnd } from '../../../build/pipeline/step-executor.ts'
import type { StepOutput } from '../../../build/pipeline/step-run.ts'
import type { ReadyRuntime } from '../../../build/pipeline/step-runtime.ts'
import { formatDuration } from '../../../foundation/duration.ts'
import { isLockstepError, sentenceOf, systemCodeOf } from '../../../foundation/errors.ts'
import { newId } from '../../../foundation/ids.ts'
import { isRefusal } from '../../../foundation/refusal.ts'
import type { TestsCheckSpec } from '../../../verify/gates/check-spec.ts'
import type { GateEvidenceInput } from '../../../verify/gates/gate-evidence.ts'
import { largestReport, readJunit } from '../../../verify/readiness/read-junit.ts'
import { type TestStatistics, testKey } from '../../../verify/readiness/test-report.ts'
import type { ResolvedInputs } from '../resolve-inputs.ts'
import type { RunWorld } from '../run-world.ts'
import { testChecksOf } from './test-checks.ts'

export interface TestRunRequest {
  readonly world: RunWorld
  readonly inputs: ResolvedInputs
  readonly artifact: StepOutput
  readonly holdoutPath: string
  /** For scratch files; emptied by the caller. */
  readonly workDir: string
  readonly signal: AbortSignal
}

/** Empty when no check is about tests. Commands run one after the other: they measure nothing, and may be heavy. */
export async function runTestsAskedFor(
  request: TestRunRequest,
): Promise<Pick<GateEvidenceInput, 'tests'>> {
  const specs = testChecksOf(request.inputs.project.spec.gates)
  if (specs.length === 0) return {}
  const tests = new Map<string, TestStatistics | string>()
  for (const spec of specs) {
    const key = testKey(spec)
    if (!tests.has(key)) tests.set(key, await runTests(request, spec))
    request.signal.throwIfAborted()
  }
  return { tests }
}

/** A sentence when nothing can be said about the tests. */
async function runTests(
  request: TestRunRequest,
  spec: TestsCheckSpec,
): Promise<TestStatistics | string> {
  const { world, workDir, signal } = request
  const id = newId('attempt', world.clock.now())
  const place = join(workDir, id)
  const project = join(place, 'project')
  const logPath = join(place, 'output.log')
  try {
    const model = await fill(request, spec, place)
    // A report that lay in the project says nothing about this run.
    if (spec.junit !== null) await rm(join(project, spec.junit), { force: true })
    const runtime = await runtimeOf(request, spec)
    for (const [name, target] of Object.entries(runtime.links))
      await symlink(target, join(project, name)).catch(() => {})
    const end = await world.executor.run({
      id,
      step: 'tests',
      command: { shell: spec.command },
      workDir: project,
      folder: '',
      path: runtime.path,
      environment: { ...runtime.environment, ...model },
      secrets: [],
      memoryBytes: null,
      seed: null,
      timeoutMs: spec.timeoutMs,
      logPath,
      signal,
      onLine: () => {},
    })
    return await outcome(spec, { end, project, logPath })
  } catch (error) {
    if (signal.aborted) throw error
    return `${spec.command} could not be run: ${sentenceOf(error)}${hintOf(error)}`
  } finally {
    await rm(place, { recursive: true, force: true, maxRetries: 2 }).catch(() => {})
  }
}

function hintOf(error: unknown): string {
  return isLockstepError(error) && error.hint ? ` (${error.hint})` : ''
}

/** Copies, so that a test that writes reaches neither the project nor the store. Answers with the variables that name them. */
async function fill(
  { world, inputs, artifact, holdoutPath }: TestRunRequest,
  spec: TestsCheckSpec,
  place: string,
): Promise<Readonly<Record<string, string>>> {
  const { dir } = inputs.project
  const project = join(place, 'project')
  await mkdir(project, { recursive: true })
  for (const path of pathsOf(inputs, spec)) {
    await mkdir(dirname(join(project, path)), { recursive: true })
    await copyFile(join(dir, path), join(project, path), constants.COPYFILE_FICLONE)
  }
  const model = join(place, 'model', basename(artifact.path))
  await mkdir(dirname(model), { recursive: true })
  await world.content.materialise(artifact, model)
  const isFile = await lstat(holdoutPath)
    .then((stat) => stat.isFile())
    .catch(() => false)
  const holdout = isFile ? join(place, 'holdout', basename(holdoutPath)) : holdoutPath
  if (isFile) {
    await mkdir(dirname(holdout), { recursive: true })
    await copyFile(holdoutPath, holdout, constants.COPYFILE_FICLONE)
  }
  return { LOCKSTEP_MODEL: model, LOCKSTEP_HOLDOUT: holdout }
}

/** What the check declares; without a word, what the steps and datasets read. All of it is in the digest of the run. */
function pathsOf({ snapshot }: ResolvedInputs, { inputs }: TestsCheckSpec): readonly string[] {
  if (inputs.length === 0) return [...snapshot.paths()]
  return inputs.flatMap((one) => {
    const found = snapshot.inputs.get(one)
    if (found === undefined || found.isEmpty)
      throw new Error(`its input ${one} is not in the project, or a step makes it`)
    return found.entries().map(({ path }) => path)
  })
}

async function runtimeOf(
  { world, inputs, signal }: TestRunRequest,
  { environment }: TestsCheckSpec,
): Promise<ReadyRuntime> {
  const nothing = { path: [], environment: {}, links: {} }
  if (environment === null) return nothing
  const { dir, spec } = inputs.project
  const step = spec.steps.find(({ name }) => name === environment)
  if (step === undefined)
    throw new Error(`there is no step ${environment} to take the environment of`)
  if (step.runtime === null) return nothing
  const lockPath = join(dir, step.runtime.lock)
  const { digest } = await world.content.putFile(lockPath)
  const facts = await world.runtimes.describe(step.runtime, digest)
  return world.runtimes.prepare({ facts, lockPath, told: () => {}, signal })
}

/** Lines at the end of the output that are kept as evidence. */
const keptBytes = 4096

async function outcome(
  spec: TestsCheckSpec,
  { end, project, logPath }: { end: AttemptEnd; project: string; logPath: string },
): Promise<TestStatistics | string> {
  const output = await tailOf(logPath)
  if (end.end !== 'exited') return unfinished(spec, end)
  const { exitCode } = end
  if (spec.junit === null) {
    if (exitCode === 126 || exitCode === 127)
      return `${spec.command} could not be started (${exitCode}): ${lastLine(output)}`
    return { method: 'tests', exitCode, report: null, output }
  }
  const text = await readReport(join(project, spec.junit))
  if (text === undefined) {
    const said = lastLine(output)
    return `${spec.command} ended with ${exitCode} and wrote no ${spec.junit}${said === '' ? '' : `: ${said}`}`
  }
  const report = readJunit(text)
  if (isRefusal(report)) return `${spec.junit} cannot be read: ${report.because}`
  return { method: 'tests', exitCode, report, output }
}

function unfinished({ command, timeoutMs }: TestsCheckSpec, end: AttemptEnd): string {
  switch (end.end) {
    case 'timed_out':
      return `${command} was not done after ${formatDuration(timeoutMs)} and was ended; give it a longer timeout or fewer tests`
    case 'killed':
      return `${command} was ended by ${end.signal}`
    case 'not_started':
      return `${end.because} (${end.hint})`
    default:
      return `${command} was ended before it was done`
  }
}

/** A link is not followed: the report is the command's own file. Longer than any report is as good as none. */
async function readReport(path: string): Promise<string | undefined> {
  try {
    const stat = await lstat(path)
    if (!stat.isFile() || stat.size > largestReport) return undefined
    return await readFile(path, 'utf8')
  } catch (error) {
    if (systemCodeOf(error) === undefined) throw error
    return undefined
  }
}

async function tailOf(path: string): Promise<string> {
  const file = await open(path, 'r').catch(() => undefined)
  if (file === undefined) return ''
  try {
    const { size } = await file.stat()
    const length = Math.min(size, keptBytes)
    const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length)
    return buffer.toString('utf8').toWellFormed()
  } finally {
    await file.close()
  }
}

function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1)?.trim().slice(0, 200) ?? ''
}
