// The stage of the serving tests: a temp folder, replicas (in this process or as children), gateways, clients.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOfFile } from '../../../src/foundation/digest.ts'
import { type Logger, silentLogger } from '../../../src/foundation/logger.ts'
import { systemClock } from '../../../src/foundation/system-clock.ts'
import type { EvidenceCount, EvidenceSegment } from '../../../src/serve/gateway/evidence.ts'
import { type GatewayOptions, startGateway } from '../../../src/serve/gateway/gateway.ts'
import type { ModelRoute, RouteTarget } from '../../../src/serve/gateway/routing.ts'
import { startReplica } from '../../../src/serve/runtime/replica.ts'

export const modelsFolder = new URL('../../support/models/', import.meta.url).pathname

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
}

export interface Asked {
  readonly method?: string
  readonly path: string
  readonly body?: string | Buffer
  readonly headers?: Record<string, string>
}

export type Target = { readonly port: number } | { readonly socketPath: string }

export class Stage {
  readonly folder: string
  readonly #undo: (() => unknown)[] = []
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 16 })
  #boots = 0

  private constructor(folder: string) {
    this.folder = folder
  }

  static async open(): Promise<Stage> {
    return new Stage(await mkdtemp(join(tmpdir(), 'lockstep-serve-')))
  }

  async close(): Promise<void> {
    this.#agent.destroy()
    for (const undo of this.#undo.reverse()) await undo()
    await rm(this.folder, { recursive: true, force: true })
  }

  async #replicaConfig(model: string, release: string, id: string) {
    const modelPath = join(modelsFolder, `${model}.onnx`)
    return {
      modelPath,
      modelName: 'm',
      release,
      releaseId: `rel_${release}`,
      digest: await digestOfFile(modelPath),
      socketPath: join(this.folder, `${id}.sock`),
    }
  }

  /** A replica in this process; the route target that leads to it. */
  async replica(model: string, release: string, id = `r${release}`): Promise<RouteTarget> {
    const config = await this.#replicaConfig(model, release, id)
    const replica = await startReplica({ ...config, clock: systemClock, logger: silentLogger })
    this.#undo.push(() => replica.stop())
    return targetOf(config, id)
  }

  /** A replica that can be killed. */
  async replicaChild(
    model: string,
    release: string,
    id = `r${release}`,
  ): Promise<{ readonly target: RouteTarget; readonly child: ChildProcess }> {
    const config = await this.#replicaConfig(model, release, id)
    const entry = new URL('./replica-process.ts', import.meta.url).pathname
    const child = spawn(process.execPath, [entry, JSON.stringify(config)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#undo.push(() => killAndWait(child))
    await new Promise<void>((resolve, reject) => {
      child.stdout?.once('data', () => resolve())
      child.once('exit', (code) => reject(new Error(`replica ended with ${code}`)))
    })
    return { target: targetOf(config, id), child }
  }

  async gateway(options: Partial<GatewayOptions> = {}, logger: Logger = silentLogger) {
    const bootId = `boot${++this.#boots}`
    const gateway = await startGateway({
      workerId: 'w1',
      bootId,
      host: '127.0.0.1',
      snapshotFile: join(this.folder, 'routing.json'),
      adminSocket: join(this.folder, `${bootId}.sock`),
      spoolDir: join(this.folder, 'spool'),
      capture: { sampleRate: 0 },
      clock: systemClock,
      logger,
      flushMs: 20,
      ...options,
    })
    this.#undo.push(() => gateway.stop())
    const admin = { socketPath: join(this.folder, `${bootId}.sock`) }
    return { gateway, admin }
  }

  ask(target: Target, { method, path, body, headers }: Asked): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const options = { ...target, host: '127.0.0.1', path, headers, agent: this.#agent }
      const req = request(
        { ...options, method: method ?? (body === undefined ? 'GET' : 'POST') },
        (res) => {
          const parts: Buffer[] = []
          res.on('data', (part: Buffer) => parts.push(part))
          res.on('end', () => {
            const text = Buffer.concat(parts).toString()
            resolve({ status: res.statusCode ?? 0, headers: res.headers, text })
          })
          res.on('error', reject)
        },
      )
      req.on('error', reject)
      req.end(body)
    })
  }

  /** Puts routing into force; the answer of the admin socket. */
  route(admin: Target, epoch: number, port: number, route: Partial<ModelRoute>): Promise<Answered> {
    const body = JSON.stringify(snapshotOf(epoch, port, route))
    return this.ask(admin, { method: 'PUT', path: '/routing', body })
  }

  /** Every evidence count in the spool, after the gateways have stopped or flushed. */
  async evidence(): Promise<readonly EvidenceCount[]> {
    const counts: EvidenceCount[] = []
    for (const name of await readdir(join(this.folder, 'spool'))) {
      if (!name.startsWith('evidence-')) continue
      const text = await readFile(join(this.folder, 'spool', name), 'utf8')
      counts.push(...(JSON.parse(text) as EvidenceSegment).counts)
    }
    return counts
  }
}

export function snapshotOf(epoch: number, port: number, route: Partial<ModelRoute>) {
  const whole: ModelRoute = {
    model: 'm',
    salt: 'salt',
    rolloutId: null,
    stable: null,
    candidate: null,
    candidateBp: 0,
    mirrorBp: 0,
    ...route,
  }
  return { epoch, environments: [{ environment: 'production', port, models: [whole] }] }
}

function targetOf(
  { release, releaseId, socketPath }: { release: string; releaseId: string; socketPath: string },
  id: string,
): RouteTarget {
  return { releaseId, release, replicas: [{ id, socketPath }] }
}

async function killAndWait(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise((resolve) => child.once('exit', resolve))
  child.kill('SIGKILL')
  await ended
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      server.close(() => resolve(port))
    })
  })
}

export function tensor(name: string, datatype: string, values: readonly unknown[]) {
  return { name, datatype, shape: [values.length, 1], data: values }
}

/** The adder's request: sum = a + b (+ 10 in release 2). */
export function addBody(a: number, b: number): string {
  return JSON.stringify({ inputs: [tensor('a', 'FP32', [a]), tensor('b', 'FP32', [b])] })
}

export const inferPath = '/v2/models/m/infer'
