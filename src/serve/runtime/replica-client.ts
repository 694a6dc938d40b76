// The caller's end of a replica: many questions in flight on one socket, which is opened when first needed and again
// after it was lost. A lost connection rejects what was in flight with a code of its own, so that a gateway can retry.
import { createConnection, type Socket } from 'node:net'
import { type ErrorKind, LockstepError } from '../../foundation/errors.ts'
import { every, stopwatch } from '../../foundation/system-clock.ts'
import { frameWriter } from './frame-writer.ts'
import {
  type Answer,
  frameReader,
  type QuestionKind,
  questionHead,
  questionKinds,
  readAnswer,
  smallestAnswer,
} from './frames.ts'
import type { ReplicaMetadata } from './replica-answers.ts'
import { checkSocketPath } from './socket-path.ts'

/** Why a question got no answer; the `code` of the LockstepError that `infer` throws. */
export type NoAnswer =
  | 'serve.connection_lost'
  | 'serve.unreachable'
  | 'serve.timeout'
  | 'serve.too_many_in_flight'
  | 'serve.client_closed'

export interface InferQuestion {
  readonly body: Buffer
  /** Becomes the answer's `id` when the body has none; up to 255 latin-1 characters. */
  readonly predictionId: string
  readonly timeoutMs: number
}

export interface ReplicaClient {
  readonly socketPath: string
  /** Connected at this moment, to a process that has answered. */
  readonly connected: boolean
  /** Questions sent and not yet answered. */
  readonly inFlight: number
  infer(body: Buffer, options?: { readonly timeoutMs?: number }): Promise<Answer>
  /** `infer` without a promise, for the hot path. `settle` is called exactly once, never before this returns. */
  submit(question: InferQuestion, settle: Settle): void
  metadata(): Promise<ReplicaMetadata>
  /** False when it drains or cannot be reached. */
  ready(): Promise<boolean>
  /** Asks the replica process to drain and exit. */
  shutdown(): Promise<void>
  /** Opens the connection if there is none; resolves to whether there is one. */
  connect(): Promise<boolean>
  close(): void
}

export type Settle = (outcome: Answer | NoAnswer) => void

interface Pending {
  readonly settle: Settle
  readonly deadline: number
}

const defaultTimeoutMs = 30_000
const sweepMs = 20
const maxInFlight = 8192
/** Never the id of a question that someone waits for. */
const greetingId = 0

export function connectReplica(socketPath: string): ReplicaClient {
  checkSocketPath(socketPath)
  return new SocketClient(socketPath)
}

class SocketClient implements ReplicaClient {
  readonly socketPath: string
  connected = false
  readonly #pending = new Map<number, Pending>()
  readonly #elapsed = stopwatch()
  #socket: Socket | undefined
  #opening: Promise<boolean> | undefined
  #stopSweep: (() => void) | undefined
  #lastId = 0
  #write: (...parts: readonly Buffer[]) => void = () => {}
  #closed = false

  constructor(socketPath: string) {
    this.socketPath = socketPath
  }

  get inFlight(): number {
    return this.#pending.size
  }

  connect(): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false)
    if (this.#socket === undefined) this.#open()
    return this.#opening ?? Promise.resolve(this.connected)
  }

  infer(body: Buffer, options: { readonly timeoutMs?: number } = {}): Promise<Answer> {
    return this.#ask(questionKinds.infer, body, options.timeoutMs ?? defaultTimeoutMs)
  }

  submit(question: InferQuestion, settle: Settle): void {
    this.#send(questionKinds.infer, question, settle)
  }

  async metadata(): Promise<ReplicaMetadata> {
    const answer = await this.#ask(questionKinds.metadata, empty, defaultTimeoutMs)
    return JSON.parse(answer.body.toString()) as ReplicaMetadata
  }

  async ready(): Promise<boolean> {
    try {
      const answer = await this.#ask(questionKinds.ready, empty, 2000)
      return answer.status === 200
    } catch {
      return false
    }
  }

  async shutdown(): Promise<void> {
    await this.#ask(questionKinds.shutdown, empty, defaultTimeoutMs)
  }

  close(): void {
    this.#closed = true
    const socket = this.#socket
    this.#lose('serve.client_closed')
    socket?.destroy()
  }

  #ask(kind: QuestionKind, body: Buffer, timeoutMs: number): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#send(kind, { body, predictionId: '', timeoutMs }, (outcome) => {
        if (typeof outcome === 'string') reject(noAnswerError(outcome, this.socketPath))
        else resolve(outcome)
      })
    })
  }

  #send(kind: QuestionKind, question: InferQuestion, settle: Settle): void {
    if (this.#closed || this.#pending.size >= maxInFlight) {
      process.nextTick(settle, this.#closed ? 'serve.client_closed' : 'serve.too_many_in_flight')
      return
    }
    if (this.#socket === undefined) this.#open()
    this.#lastId = (this.#lastId + 1) >>> 0 || 1
    const id = this.#lastId
    this.#pending.set(id, { settle, deadline: this.#elapsed() + question.timeoutMs })
    const head = questionHead(id, kind, question.predictionId, question.body.length)
    this.#write(head, question.body)
  }

  #open(): void {
    const socket = createConnection({ path: this.socketPath })
    this.#socket = socket
    this.#write = frameWriter(socket)
    this.#stopSweep = every(sweepMs, () => this.#sweep())
    const { promise: opening, resolve } = Promise.withResolvers<boolean>()
    this.#opening = opening
    // The kernel takes connections for a process that is dying or hangs. Only an answer proves that someone is there.
    const greet = () => this.#write(questionHead(greetingId, questionKinds.ready, '', 0))
    const read = frameReader(smallestAnswer, (frame) => {
      this.connected = this.#socket === socket
      resolve(this.connected)
      this.#take(readAnswer(frame))
    })
    socket.on('connect', greet)
    socket.on('close', () => {
      const code = this.connected ? 'serve.connection_lost' : 'serve.unreachable'
      if (this.#socket === socket) this.#lose(code)
      resolve(false)
    })
    socket.on('data', (chunk: Buffer) => {
      if (!read(chunk)) socket.destroy()
    })
    // The reason is in the `close` that follows; without a listener it would end the process.
    socket.on('error', () => {})
  }

  #take(answer: Answer): void {
    const pending = this.#pending.get(answer.id)
    if (pending === undefined) return
    this.#pending.delete(answer.id)
    pending.settle(answer)
  }

  #lose(code: NoAnswer): void {
    this.connected = false
    this.#socket = undefined
    this.#opening = undefined
    this.#stopSweep?.()
    this.#stopSweep = undefined
    const lost = [...this.#pending.values()]
    this.#pending.clear()
    for (const pending of lost) pending.settle(code)
  }

  #sweep(): void {
    const now = this.#elapsed()
    for (const [id, pending] of this.#pending) {
      if (pending.deadline > now) continue
      this.#pending.delete(id)
      pending.settle('serve.timeout')
    }
  }
}

const empty = Buffer.alloc(0)

const noAnswerMeaning: Record<NoAnswer, { kind: ErrorKind; what: string }> = {
  'serve.connection_lost': { kind: 'unavailable', what: 'went away before it answered' },
  'serve.unreachable': { kind: 'unavailable', what: 'cannot be reached' },
  'serve.timeout': { kind: 'timeout', what: 'did not answer in time' },
  'serve.too_many_in_flight': { kind: 'limit', what: `has ${maxInFlight} questions in flight` },
  'serve.client_closed': { kind: 'unavailable', what: 'was left by its caller' },
}

export function noAnswerError(code: NoAnswer, socketPath: string): LockstepError {
  const { kind, what } = noAnswerMeaning[code]
  return new LockstepError({
    code,
    kind,
    message: `the replica at ${socketPath} ${what}`,
    details: { socketPath },
  })
}
