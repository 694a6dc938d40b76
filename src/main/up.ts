// `lockstep up`: the supervisor, in the process of the command line itself.
import { createServer } from 'node:net'
import { loadRunnableProject } from '../control/load-runnable-project.ts'
import type { ReplicaSpec } from '../deliver/platforms/local/process-spec.ts'
import {
  refuseSecondSupervisor,
  type Supervisor,
  startSupervisor,
} from '../deliver/platforms/local/supervisor.ts'
import { LockstepError, systemCodeOf } from '../foundation/errors.ts'
import { createLogger, type LogLevel } from '../foundation/logger.ts'
import { systemClock } from '../foundation/system-clock.ts'
import { dataFolder } from '../project/data-folder.ts'
import type { ControlConfig } from './control-parts.ts'
import type { GatewayConfig } from './gateway.ts'
import { makeDataFolder } from './make-data-folder.ts'
import { entry, version } from './package-info.ts'
import type { ReplicaConfig } from './replica.ts'

export interface UpRequest {
  readonly projectDir: string
  readonly port?: number | undefined
  readonly env: Readonly<Record<string, string | undefined>>
  readonly logLevel: LogLevel
}

export interface Running {
  readonly supervisor: Supervisor
  readonly url: string
  readonly environments: readonly { readonly name: string; readonly url: string }[]
}

/** Everything that can be known to be wrong is found before the first process starts. Resolves once all are launched. */
export async function bringUp({ projectDir, port, env, logLevel }: UpRequest): Promise<Running> {
  const { spec, dir, file } = await loadRunnableProject(projectDir)
  const folder = dataFolder(dir)
  const controlPort = port ?? spec.control.port
  const { host, workers, captureRate } = spec.gateway
  await makeDataFolder(folder)
  await refuseSecondSupervisor(folder)
  const ports = [
    { port: controlPort, host: '127.0.0.1', what: 'the control plane (control.port)' },
    ...spec.environments.map((one) => ({ port: one.port, host, what: `environment ${one.name}` })),
  ]
  await refuseTakenPorts(ports, file)
  const control: ControlConfig = {
    projectDir: dir,
    delivers: true,
    resumes: true,
    port: controlPort,
    path: env.PATH ?? '',
  }
  const supervisor = await startSupervisor({
    folder,
    pid: process.pid,
    workers,
    clock: systemClock,
    logger: createLogger('supervisor', logLevel),
    launch: {
      control: () => launchLine('control', control, env),
      gateway: (worker, adminSocket) => {
        const config: GatewayConfig = {
          workerId: String(worker),
          host,
          snapshotFile: folder.snapshot,
          adminSocket,
          spoolDir: folder.spool,
          captureRate,
          version,
        }
        return launchLine('gateway', config, env)
      },
      replica: (replica) => launchLine('replica', replicaConfig(replica), env),
    },
  })
  return {
    supervisor,
    url: `http://127.0.0.1:${controlPort}`,
    environments: spec.environments.map((one) => ({
      name: one.name,
      url: `http://${host}:${one.port}`,
    })),
  }
}

function launchLine(
  name: 'control' | 'gateway' | 'replica',
  config: object,
  env: UpRequest['env'],
) {
  return { argv: [...entry(name), JSON.stringify(config)], env }
}

function replicaConfig(spec: ReplicaSpec): ReplicaConfig {
  const { modelPath, model, release, releaseId, digest, socketPath } = spec
  return {
    modelPath,
    modelName: model,
    release,
    releaseId,
    digest: digest as ReplicaConfig['digest'],
    socketPath,
  }
}

/** Gateway workers share a port, so a stranger on it would silently share our traffic: look before starting. */
async function refuseTakenPorts(
  wanted: readonly { readonly port: number; readonly host: string; readonly what: string }[],
  file: string,
): Promise<void> {
  for (const { port, host, what } of wanted) {
    const code = await new Promise<string | undefined>((resolve) => {
      const probe = createServer()
      probe.once('error', (error) => resolve(systemCodeOf(error) ?? 'unknown'))
      probe.listen({ port, host, exclusive: true }, () => probe.close(() => resolve(undefined)))
    })
    if (code === undefined) continue
    throw new LockstepError({
      code: 'up.port_taken',
      kind: 'unavailable',
      message:
        code === 'EADDRINUSE'
          ? `port ${port} of ${what} is in use by another program; nothing was started`
          : `port ${port} of ${what} cannot be opened on ${host} (${code}); nothing was started`,
      hint: `end the other program, or choose another port in ${file}`,
    })
  }
}
