// What runs take from this machine: its processes, language environments, variables, secrets and size.
import { availableParallelism, cpus, homedir, totalmem } from 'node:os'
import { processExecutor } from '../build/executors/process-executor.ts'
import { openRuntimes } from '../build/runtimes/open-runtimes-fs.ts'
import { loadRunnableProject } from '../control/load-runnable-project.ts'
import type { RunWorld } from '../control/runs/run-world.ts'
import type { Clock } from '../foundation/clock.ts'
import { dataFolder } from '../project/data-folder.ts'
import { loadParameters } from '../project/load-project.ts'
import { lockstepCommand, version } from './package-info.ts'
import { scoringReplicas } from './scoring-replica.ts'
import { secretsOf } from './secrets.ts'

type MachineParts = Pick<
  RunWorld,
  | 'executor'
  | 'runtimes'
  | 'loadProject'
  | 'loadParameters'
  | 'openReplica'
  | 'parallelism'
  | 'machineEnvironment'
  | 'tracing'
  | 'machine'
  | 'versions'
>

export function machineParts(
  { projectDir, path }: { readonly projectDir: string; readonly path: string },
  clock: Clock,
): MachineParts {
  const folder = dataFolder(projectDir)
  return {
    executor: processExecutor({
      ...{ lockstepCommand, path, clock },
      resolveSecret: secretsOf(projectDir, process.env),
    }),
    runtimes: openRuntimes({
      root: folder.runtimes,
      path,
      environment: process.env,
      clock,
    }),
    loadProject: () => loadRunnableProject(projectDir),
    loadParameters,
    openReplica: scoringReplicas(folder),
    parallelism: availableParallelism(),
    machineEnvironment: process.env,
    tracing: { path, lockstepCommand, home: homedir() },
    machine: {
      processor: cpus()[0]?.model ?? 'unknown',
      processors: availableParallelism(),
      memoryBytes: totalmem(),
    },
    versions: {
      lockstep: version,
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
    },
  }
}
