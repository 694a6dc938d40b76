// One gateway worker: an API in front of the replicas that splits, mirrors, counts and captures traffic.
// Invariant: it needs nobody. The routing it last heard of, from control or from its file, is enough to serve.
import { readFile, rm } from 'node:fs/promises'
import type { Server } from 'node:http'
import type { Clock } from '../../foundation/clock.ts'
import { sentenceOf, systemCodeOf } from '../../foundation/errors.ts'
import type { Logger } from '../../foundation/logger.ts'
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import { every } from '../../foundation/system-clock.ts'
import { type AppliedRouting, listenAdmin, type RoutingStatus } from './admin-server.ts'
import { type CaptureOptions, CaptureRing } from './capture.ts'
import { EvidenceCounter } from './evidence.ts'
import { createFlusher, type Flush } from './flusher.ts'
import { createFront } from './front.ts'
import { type AnswerInfer, createInferFront } from './infer-front.ts'
import { type Gauge, labelText, Metrics } from './metrics.ts'
import { Mirror } from './mirror.ts'
import { type OnRequest, Ports } from './ports.ts'
import { ReplicaPool } from './replica-pool.ts'
import { parseRoutingSnapshot } from './routing.ts'
import { buildTable, emptyTable } from './routing-table.ts'
import { openSpool } from './spool.ts'

export interface GatewayOptions {
  readonly workerId: string
  /** New for every start of every worker: segment files and prediction ids are unique through it. */
  readonly bootId: string
  readonly host: string
  /** Last good routing, written by control; read once, at the start. */
  readonly snapshotFile: string
  readonly adminSocket: string
  readonly spoolDir: string
  readonly capture: CaptureOptions
  readonly clock: Clock
  readonly logger: Logger
  readonly flushMs?: number
  /** From the first byte of a request to its answer. */
  readonly deadlineMs?: number
  readonly maxBodyBytes?: number
  /** How long stop() waits for requests on their way. */
  readonly drainMs?: number
  /** Shown at GET /v2. */
  readonly version?: string
}

export interface RunningGateway {
  status(): RoutingStatus
  /** Finishes what is on its way, writes the last evidence and closes. */
  stop(): Promise<void>
  /** Settles when it has stopped, whoever asked for it (stop() or POST /drain). */
  readonly stopped: Promise<void>
}

export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const worker = new GatewayWorker(options)
  await worker.start()
  return worker
}

class GatewayWorker implements RunningGateway {
  readonly #options: GatewayOptions
  readonly #pool = new ReplicaPool()
  readonly #metrics = new Metrics()
  readonly #ports: Ports
  readonly #mirror: Mirror
  readonly #flush: Flush
  readonly #stopped = Promise.withResolvers<void>()
  #table = emptyTable
  #admin: Server | undefined
  #stopTimers: readonly (() => void)[] = []
  #draining: Promise<void> | undefined
  #inFlight = 0
  #predictions = 0

  constructor(options: GatewayOptions) {
    this.#options = options
    const { workerId, bootId, clock, logger } = options
    const { deadlineMs = 5000, maxBodyBytes = 16 * 1024 * 1024 } = options
    const pool = this.#pool
    const evidence = new EvidenceCounter()
    const capture = new CaptureRing(options.capture)
    const mirror = new Mirror({ pool, evidence, clock, deadlineMs })
    const newPredictionId = () => `${bootId}-${(++this.#predictions).toString(36)}`
    const answerInfer = createInferFront({
      ...{ pool, evidence, capture, mirror, clock, deadlineMs, maxBodyBytes, newPredictionId },
    })
    this.#mirror = mirror
    this.#ports = new Ports({
      host: options.host,
      logger,
      onRequest: (port) => this.#counted(this.#frontOf(port, answerInfer)),
    })
    this.#flush = createFlusher({
      ...{ workerId, bootId, clock, evidence, capture, mirror, metrics: this.#metrics },
      spool: openSpool(options.spoolDir, logger),
      epoch: () => this.#table.epoch,
    })
  }

  get stopped(): Promise<void> {
    return this.#stopped.promise
  }

  async start(): Promise<void> {
    const { snapshotFile, logger, flushMs, adminSocket } = this.#options
    this.#admin = await listenAdmin(adminSocket, {
      applyRouting: (value) => this.#applyRouting(value),
      status: () => this.status(),
      metrics: () => this.#metrics.text(gaugesOf(this.status())),
      drain: () => {
        void this.stop()
        return { inFlight: this.#inFlight }
      },
    })
    await applyFile(snapshotFile, (value) => this.#applyRouting(value), logger)
    this.#stopTimers = [
      every(flushMs ?? 200, () => this.#flush()),
      every(1000, () => this.#ports.retry()),
    ]
  }

  status(): RoutingStatus {
    const { workerId } = this.#options
    return {
      epoch: this.#table.epoch,
      workerId,
      draining: this.#draining !== undefined,
      inFlight: this.#inFlight,
      ports: this.#ports.states(),
      replicas: this.#pool.list().map(({ id, client }) => {
        const { socketPath, connected, inFlight } = client
        return { id, socketPath, connected, inFlight }
      }),
    }
  }

  stop(): Promise<void> {
    this.#draining ??= this.#drain()
    return this.#draining
  }

  #frontOf(port: number, answerInfer: AnswerInfer): OnRequest {
    return createFront({
      environment: () => this.#table.byPort.get(port),
      isDraining: () => this.#draining !== undefined,
      answerInfer,
      version: this.#options.version ?? 'unreleased',
    })
  }

  #counted(answer: OnRequest): OnRequest {
    const done = () => {
      this.#inFlight--
    }
    return (req, res) => {
      this.#inFlight++
      res.once('close', done)
      answer(req, res)
    }
  }

  /** The new table is in force before this first waits: a rollback takes effect with the next request. */
  async #applyRouting(value: unknown): Promise<AppliedRouting | Refusal> {
    const snapshot = parseRoutingSnapshot(value)
    if (isRefusal(snapshot)) return snapshot
    const { epoch, environments } = snapshot
    if (epoch < this.#table.epoch) {
      const because = `routing epoch ${epoch} is older than ${this.#table.epoch}, which is in force`
      return refuse('serve.routing_stale', because)
    }
    this.#table = buildTable(snapshot, this.#pool)
    const appliedAt = this.#options.clock.now()
    if (this.#draining === undefined) await this.#ports.ensure(environments.map(({ port }) => port))
    this.#options.logger.info('routing applied', { epoch })
    const portsMissing = this.#ports.states().filter(({ bound }) => !bound)
    return { epoch, appliedAt, portsMissing }
  }

  async #drain(): Promise<void> {
    const { clock, logger, workerId, adminSocket, drainMs } = this.#options
    logger.info('gateway drains', { inFlight: this.#inFlight })
    // Not ready any more and each answer closes its connection; what was already sent still comes in. Closing the
    // listener at once would reset the connections that wait in its queue.
    await clock.sleep(lateArrivalMs)
    this.#ports.stopAccepting()
    await untilIdle(clock, () => this.#inFlight + this.#mirror.inFlight, drainMs ?? 5000)
    for (const stopTimer of this.#stopTimers) stopTimer()
    this.#ports.closeConnections()
    this.#pool.close()
    await this.#flush('last')
    this.#admin?.close()
    this.#admin?.closeAllConnections()
    await rm(adminSocket, { force: true })
    logger.info('gateway stopped', { workerId })
    this.#stopped.resolve()
  }
}

const lateArrivalMs = 100

async function applyFile(
  path: string,
  apply: (value: unknown) => Promise<AppliedRouting | Refusal>,
  logger: Logger,
): Promise<void> {
  try {
    const applied = await apply(JSON.parse(await readFile(path, 'utf8')))
    if (!isRefusal(applied)) return
    logger.error('routing file is not used; waiting for control', { path, reason: applied.because })
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') {
      logger.info('no routing file yet; waiting for control', { path })
    } else {
      const reason = sentenceOf(error)
      logger.error('routing file is not used; waiting for control', { path, reason })
    }
  }
}

async function untilIdle(clock: Clock, count: () => number, limitMs: number): Promise<void> {
  const stepMs = 10
  for (let waited = 0; count() > 0 && waited < limitMs; waited += stepMs) await clock.sleep(stepMs)
}

function gaugesOf({ epoch, replicas, inFlight, workerId }: RoutingStatus): readonly Gauge[] {
  const worker = labelText({ worker: workerId })
  return [
    {
      name: 'lockstep_gateway_routing_epoch',
      help: 'Epoch of the routing in force; -1 when there is none.',
      values: [{ labels: worker, value: epoch }],
    },
    {
      name: 'lockstep_gateway_in_flight',
      help: 'Requests on their way.',
      values: [{ labels: worker, value: inFlight }],
    },
    {
      name: 'lockstep_gateway_replica_connected',
      help: 'Whether the replica is connected.',
      values: replicas.map(({ id, connected }) => ({
        labels: labelText({ replica: id }),
        value: connected ? 1 : 0,
      })),
    },
  ]
}
