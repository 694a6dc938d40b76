// A replica: one process that serves one release. It loads the sealed model, warms it up and answers on a unix socket.
// Invariant: nothing is loaded whose digest is not the sealed one, and every question taken is answered before it stops.
import { rm } from 'node:fs/promises'
import { createServer, type Server, type Socket } from 'node:net'
import type { Clock } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { Logger } from '../../foundation/logger.ts'
import { createBatcher } from './batcher.ts'
import { frameWriter } from './frame-writer.ts'
import { answerFrame, frameReader, readQuestion, smallestQuestion } from './frames.ts'
import { openModel } from './model-session.ts'
import { type AnswerQuestion, createAnswering, type ReplicaMetadata } from './replica-answers.ts'
import { checkSocketPath } from './socket-path.ts'
import { warmUp } from './warm-up.ts'

export interface ReplicaOptions {
  readonly modelPath: string
  readonly modelName: string
  /** The release's number, as it is shown in `model_version`: "7". */
  readonly release: string
  readonly releaseId: string
  readonly digest: Digest
  readonly socketPath: string
  readonly clock: Clock
  readonly logger: Logger
  /** Rows that may run together. */
  readonly maxBatchRows?: number
  /** Requests that may wait; more are answered 503. */
  readonly maxQueued?: number
  /** How long stop() waits for questions already taken. */
  readonly drainMs?: number
}

export interface RunningReplica {
  readonly metadata: ReplicaMetadata
  /** Answers what was taken, then closes; the process may exit afterwards. */
  stop(): Promise<void>
  /** Settles when it has stopped, whoever asked for it (stop() or a shutdown frame). */
  readonly stopped: Promise<void>
}

export async function startReplica(options: ReplicaOptions): Promise<RunningReplica> {
  checkSocketPath(options.socketPath)
  const { modelName, release, releaseId, digest, clock, logger } = options
  const session = await openModel(options.modelPath, digest)
  const warm = await warmUp(session.signature, session.run)
  if (warm.failed !== undefined) {
    logger.warn('model refused the made-up row of its warm-up', { releaseId, reason: warm.failed })
  }
  const metadata: ReplicaMetadata = {
    name: modelName,
    versions: [release],
    platform: 'onnxruntime_onnx',
    ...session.signature,
    releaseId,
    digest,
    batchable: warm.batchable,
  }
  const batcher = createBatcher({
    run: session.run,
    maxRows: options.maxBatchRows ?? 256,
    maxQueued: options.maxQueued ?? 4096,
  })
  const { promise: stopped, resolve: hasStopped } = Promise.withResolvers<void>()
  const sockets = new Set<Socket>()
  let draining: Promise<void> | undefined

  const drain = async (): Promise<void> => {
    server.close()
    const limit = new AbortController()
    await Promise.race([settle(batcher.idle), clock.sleep(options.drainMs ?? 5000, limit.signal)])
    limit.abort()
    for (const socket of sockets) socket.end(() => socket.destroySoon())
    await session.close().catch(() => {})
    logger.info('replica stopped', { releaseId })
    hasStopped()
  }
  const stop = (): Promise<void> => {
    draining ??= drain()
    return draining
  }
  const answer = createAnswering({
    metadata,
    batcher,
    isDraining: () => draining !== undefined,
    stop,
  })
  const server = await listen(options.socketPath, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    converse(socket, answer, logger)
  })
  logger.info('replica ready', { releaseId, model: modelName, release, batchable: warm.batchable })
  return { metadata, stop, stopped }
}

/** For a process entry: the same, ended by a signal. */
export async function runReplica(
  options: ReplicaOptions & { readonly stopSignal: AbortSignal },
): Promise<RunningReplica> {
  const replica = await startReplica(options)
  if (options.stopSignal.aborted) await replica.stop()
  options.stopSignal.addEventListener('abort', () => void replica.stop(), { once: true })
  return replica
}

/** Idle twice in a row with a turn of the event loop between: what had already arrived in the socket is taken too. */
async function settle(idle: () => Promise<void>): Promise<void> {
  for (let round = 0; round < 2; round++) {
    await new Promise((resolve) => setImmediate(resolve))
    await idle()
  }
  // The last answers leave on the next tick.
  await new Promise((resolve) => setImmediate(resolve))
}

async function listen(path: string, onSocket: (socket: Socket) => void): Promise<Server> {
  await rm(path, { force: true })
  const server = createServer({ noDelay: true }, onSocket)
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, resolve)
  })
  return server
}

function converse(socket: Socket, answer: AnswerQuestion, logger: Logger): void {
  const write = frameWriter(socket)
  const read = frameReader(smallestQuestion, (frame) => {
    answer(readQuestion(frame), (parts) => write(answerFrame(parts)))
  })
  socket.on('data', (chunk: Buffer) => {
    if (read(chunk)) return
    logger.warn('a peer sent something that is no frame; its connection is closed')
    socket.destroy()
  })
  socket.on('error', () => socket.destroy())
}
