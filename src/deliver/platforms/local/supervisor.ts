// The supervisor of one machine: keeps control, gateway workers and replicas running, each a process of its own.
// Invariant: replicas are its children, not the control plane's, so killing the control plane leaves traffic alone.
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { writeFileAtomically } from '../../../foundation/atomic-file.ts'
import type { Clock } from '../../../foundation/clock.ts'
import { LockstepError, sentenceOf } from '../../../foundation/errors.ts'
import type { Logger } from '../../../foundation/logger.ts'
import { type DataFolder, socketNames } from '../../../project/data-folder.ts'
import { type Child, type ChildSpec, superviseChild } from './child.ts'
import { callLocal, serveLocal } from './local-http.ts'
import type { ChildView, ReplicaSpec, SupervisorView } from './process-spec.ts'

export interface SupervisorOptions {
  readonly folder: DataFolder
  readonly pid: number
  /** The command line and environment of each kind of child. */
  readonly launch: {
    readonly control: () => LaunchLine
    readonly gateway: (worker: number, socketPath: string) => LaunchLine
    readonly replica: (spec: ReplicaSpec) => LaunchLine
  }
  readonly workers: number
  readonly clock: Clock
  readonly logger: Logger
}

export interface LaunchLine {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
}

export interface Supervisor {
  view(): SupervisorView
  /** Gateways first (they drain), then replicas, then control; all gone when it resolves. */
  stop(): Promise<void>
}

const graceMs = 6000
const largestLogBytes = 10 * 1024 * 1024

/** Throws `platform.already_running` when another supervisor answers in this folder. */
export async function startSupervisor(options: SupervisorOptions): Promise<Supervisor> {
  const { folder, logger, launch } = options
  for (const dir of [folder.run, folder.logs, folder.spool, folder.sockets])
    await mkdir(dir, { recursive: true, mode: 0o700 })
  const socketPath = join(folder.sockets, socketNames.supervisor)
  await refuseSecondSupervisor(folder)

  const children = new Map<string, Child>()
  const add: AddChild = async (kind, id, line, childSocket) => {
    const logFile = join(folder.logs, `${id}.log`)
    await rotate(logFile)
    const cwd = join(folder.root, '..')
    const spec: ChildSpec = { id, kind, ...line, cwd, logFile, socketPath: childSocket }
    children.set(id, superviseChild(spec, options))
  }
  const replicas = superviseReplicas(options, children, add)
  const view = (): SupervisorView => ({
    pid: options.pid,
    children: [...children.values()].map((child) => child.view()),
    replicas: replicas.wanted(),
  })
  // The door first: whoever starts a second one now finds it, and nothing is running should it not open.
  const server = await serveLocal(socketPath, async (method, path, body) => {
    if (method === 'GET' && path === '/processes') return { status: 200, body: view() }
    if (method === 'PUT' && path === '/replicas') {
      await replicas.set((body as { replicas: ReplicaSpec[] }).replicas)
      return { status: 200, body: view() }
    }
    return { status: 404, body: { error: `the supervisor has no ${method} ${path}` } }
  })
  await replicas.set(await lastReplicas(folder, logger))
  for (let worker = 0; worker < options.workers; worker++) {
    const socket = join(folder.sockets, socketNames.gateway(worker))
    await add('gateway', `gateway-${worker}`, launch.gateway(worker, socket), socket)
  }
  await add('control', 'control', launch.control(), join(folder.sockets, socketNames.control))
  return {
    view,
    async stop() {
      await replicas.settled()
      await stopAll(children, server, socketPath)
      await replicas.settled()
    },
  }
}

type AddChild = (
  kind: ChildView['kind'],
  id: string,
  line: LaunchLine,
  socketPath: string | null,
) => Promise<void>

interface Replicas {
  /** Starts what is missing and stops the rest; one request after the other. */
  set(specs: readonly ReplicaSpec[]): Promise<void>
  wanted(): readonly ReplicaSpec[]
  /** No request is under way and whoever was leaving is gone. */
  settled(): Promise<void>
}

function superviseReplicas(
  { folder, launch }: SupervisorOptions,
  children: Map<string, Child>,
  add: AddChild,
): Replicas {
  const wanted = new Map<string, ReplicaSpec>()
  const leaving = new Map<string, Promise<void>>()
  let queue: Promise<void> = Promise.resolve()
  const replace = async (specs: readonly ReplicaSpec[]) => {
    const next = new Set(specs.map((spec) => spec.id))
    for (const [id, child] of children) {
      if (child.spec.kind !== 'replica' || next.has(id)) continue
      children.delete(id)
      wanted.delete(id)
      leaving.set(
        id,
        child.stop(graceMs).finally(() => leaving.delete(id)),
      )
    }
    for (const spec of specs) {
      if (wanted.has(spec.id)) continue
      // One that is still leaving would remove the socket of its successor.
      await leaving.get(spec.id)
      wanted.set(spec.id, spec)
      await add('replica', spec.id, launch.replica(spec), spec.socketPath)
    }
    const file = join(folder.run, 'replicas.json')
    await writeFileAtomically(file, JSON.stringify([...wanted.values()]))
  }
  return {
    set(specs) {
      const done = queue.then(() => replace(specs))
      queue = done.catch(() => {})
      return done
    },
    wanted: () => [...wanted.values()],
    async settled() {
      await queue
      await Promise.all(leaving.values())
    },
  }
}

async function stopAll(
  children: ReadonlyMap<string, Child>,
  server: Server,
  socketPath: string,
): Promise<void> {
  for (const kind of ['gateway', 'replica', 'control'] as const) {
    const ofKind = [...children.values()].filter((child) => child.spec.kind === kind)
    await Promise.all(ofKind.map((child) => child.stop(graceMs)))
  }
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(socketPath, { force: true })
}

/** Throws `platform.already_running`; asked before ports are looked at, which the first one holds. */
export async function refuseSecondSupervisor(folder: DataFolder): Promise<void> {
  const running = await callLocal({
    socketPath: join(folder.sockets, socketNames.supervisor),
    method: 'GET',
    path: '/processes',
    timeoutMs: 1000,
  }).catch(() => null)
  if (!running) return
  const { pid } = running.body as SupervisorView
  throw new LockstepError({
    code: 'platform.already_running',
    kind: 'conflict',
    message: `Lockstep is already running for ${join(folder.root, '..')} (process ${pid}); nothing was started`,
    hint: 'look at it with `lockstep status`, or stop it with Ctrl-C in its terminal',
  })
}

/** What ran last time: the gateways can serve it before the control plane has said a word. */
async function lastReplicas(folder: DataFolder, logger: Logger): Promise<ReplicaSpec[]> {
  try {
    const kept: unknown = JSON.parse(await readFile(join(folder.run, 'replicas.json'), 'utf8'))
    return Array.isArray(kept) ? (kept as ReplicaSpec[]) : []
  } catch (error) {
    logger.debug('no earlier replicas', { reason: sentenceOf(error) })
    return []
  }
}

async function rotate(logFile: string): Promise<void> {
  const size = await stat(logFile).then(
    (found) => found.size,
    () => 0,
  )
  if (size > largestLogBytes) await rename(logFile, `${logFile}.1`)
}
