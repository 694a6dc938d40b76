// What is measured inside one process: hashing, recording, planning.
import { mkdirSync, writeFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { openContentStore } from '../../src/build/artifacts/content-store.ts'
import { digestBySize } from '../../src/build/artifacts/digest-files-fs.ts'
import { memoryFileIndex } from '../../src/build/artifacts/file-index.ts'
import { openFileIndex } from '../../src/build/artifacts/file-index-fs.ts'
import { createActionCache } from '../../src/build/pipeline/action-cache-store.ts'
import { judgeStep } from '../../src/build/pipeline/judge-step.ts'
import { keepResult } from '../../src/build/pipeline/keep-result.ts'
import { noRuntimes } from '../../src/build/pipeline/no-runtimes.ts'
import { preparePipeline } from '../../src/build/pipeline/pipeline-request.ts'
import { planPipeline } from '../../src/build/pipeline/plan.ts'
import { snapshotProject } from '../../src/build/pipeline/project-snapshot-fs.ts'
import { boundless } from '../../src/build/pipeline/run-capacity.ts'
import { collectOutputs } from '../../src/build/pipeline/work-folder-fs.ts'
import { stopwatch, systemClock } from '../../src/foundation/system-clock.ts'
import { plainStep, type StepSpec } from '../../src/project/step-spec.ts'
import { openSqlite } from '../../src/store/sqlite.ts'

/** Milliseconds for every file beneath `folder`, of which nothing is known. */
export async function firstHash(project: string, folder: string): Promise<number> {
  const elapsed = stopwatch()
  await snapshotProject({
    ...{ projectDir: project, index: memoryFileIndex(), now: systemClock.now() },
    ...{ steps: [step('count', [folder])], outputs: new Map() },
  })
  return elapsed()
}

export async function largeFiles(folder: string): Promise<{ one: number; four: number }> {
  const bytes = 512 * 1024 * 1024
  mkdirSync(folder, { recursive: true })
  const paths = [0, 1, 2, 3].map((at) => `${folder}/${at}`)
  for (const path of paths) writeFileSync(path, Buffer.alloc(bytes, path))
  const gibibytesPerSecond = async (some: readonly string[]) => {
    const elapsed = stopwatch()
    await Promise.all(some.map((path) => digestBySize(path, bytes)))
    return (some.length * bytes) / 2 ** 30 / (elapsed() / 1000)
  }
  await gibibytesPerSecond(paths)
  return {
    one: await gibibytesPerSecond(paths.slice(0, 1)),
    four: await gibibytesPerSecond(paths),
  }
}

/** Milliseconds to take in the outputs of so many finished steps and record their results, durably, without running any. */
export async function recordResults(folder: string, count: number): Promise<number> {
  const names = Array.from({ length: count }, (_, at) => `s${at}`)
  const { request, close } = await openProject(folder, names)
  const prepared = await preparePipeline(request)
  const finished = []
  for (const one of request.steps) {
    const judgement = await judgeStep(prepared, one, [])
    if (judgement.decision === 'hit') throw new Error('nothing should be known yet')
    const workDir = `${folder}/work/${one.name}`
    mkdirSync(workDir, { recursive: true })
    await writeFile(`${workDir}/${one.name}.txt`, `made by ${one.name}\n`)
    finished.push({ judgement, workDir })
  }
  const elapsed = stopwatch()
  for (const { judgement, workDir } of finished) {
    const outputs = await collectOutputs(prepared, judgement, workDir)
    await keepResult(prepared, judgement, { outputs, logDigest: null })
  }
  await request.actions.flush()
  const ms = elapsed()
  await close()
  return ms
}

/** Milliseconds to plan as many steps as were recorded, none of which needs to run. */
export async function planKnown(folder: string, count: number): Promise<number> {
  await recordResults(folder, count)
  const { request, close } = await openProject(
    folder,
    Array.from({ length: count }, (_, at) => `s${at}`),
  )
  const elapsed = stopwatch()
  const plans = await planPipeline(request)
  const ms = elapsed()
  await close()
  if (plans.some((plan) => plan.decision !== 'hit')) throw new Error('a known step would run')
  return ms
}

async function openProject(folder: string, names: readonly string[]) {
  mkdirSync(folder, { recursive: true })
  writeFileSync(`${folder}/input.csv`, 'input\n')
  const db = await openSqlite(`${folder}/.lockstep/lockstep.db`)
  const request = {
    ...{ projectDir: folder, params: new Map(), lockstepVersion: '0', clock: systemClock },
    ...{ runtimes: noRuntimes, machineEnvironment: {}, capacity: boundless },
    steps: names.map((name) => ({ ...step(name, ['input.csv']), outputs: [`${name}.txt`] })),
    store: await openContentStore(`${folder}/.lockstep/objects`),
    index: openFileIndex(`${folder}/.lockstep/index/files`),
    actions: createActionCache(db),
  }
  return { request, close: () => db.destroy() }
}

function step(name: string, inputs: readonly string[]): StepSpec {
  return {
    ...{ ...plainStep, name, declaredAs: name, command: { shell: name }, inputs },
    timeoutMs: 60_000,
  }
}
