// One of many processes that run pipelines in one data folder. Usage: node run-process.ts FOLDER NAME RUNS
// It ends with 0 and the number of its runs on standard output, or with the first error on standard error.
import { writeFile } from 'node:fs/promises'
import { openContentStore } from '../../src/build/artifacts/content-store.ts'
import { openFileIndex } from '../../src/build/artifacts/file-index-fs.ts'
import { createActionCache } from '../../src/build/pipeline/action-cache-store.ts'
import { noRuntimes } from '../../src/build/pipeline/no-runtimes.ts'
import { boundless } from '../../src/build/pipeline/run-capacity.ts'
import { runPipeline } from '../../src/build/pipeline/scheduler.ts'
import type { StepExecutor } from '../../src/build/pipeline/step-executor.ts'
import { systemClock } from '../../src/foundation/system-clock.ts'
import { plainStep, type StepSpec } from '../../src/project/step-spec.ts'
import { openSqlite } from '../../src/store/sqlite.ts'

const [folder = '', name = '', runs = '0'] = process.argv.slice(2)

/** No process per step: what is tested is what is kept, not how commands start. */
const executor: StepExecutor = {
  async run(attempt) {
    await writeFile(`${attempt.workDir}/${attempt.step}.txt`, `made by ${attempt.step}\n`)
    await writeFile(attempt.logPath, '')
    return { end: 'exited', exitCode: 0 }
  },
}

const db = await openSqlite(`${folder}/.lockstep/lockstep.db`)
const shared = {
  projectDir: folder,
  dataDir: `${folder}/.lockstep`,
  store: await openContentStore(`${folder}/.lockstep/objects`),
  index: openFileIndex(`${folder}/.lockstep/index/files`),
  actions: createActionCache(db),
  ...{ params: new Map(), lockstepVersion: '0', clock: systemClock, runtimes: noRuntimes },
  ...{ machineEnvironment: {}, capacity: boundless, executor, parallelism: 2 },
}
for (let run = 0; run < Number(runs); run++) {
  const steps = [step(`shared-${run}`), step(`${name}-${run}`)]
  const { outcome, steps: ended } = await runPipeline({ ...shared, steps })
  if (outcome !== 'succeeded') throw new Error(ended.map((one) => one.because).join('; '))
}
await db.destroy()
process.stdout.write(`${runs}\n`)

function step(own: string): StepSpec {
  return {
    ...plainStep,
    ...{ name: own, declaredAs: own, command: { shell: own }, timeoutMs: 60_000 },
    ...{ inputs: ['data'], outputs: [`${own}.txt`] },
  }
}
