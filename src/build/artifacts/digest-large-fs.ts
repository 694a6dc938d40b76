// Digests of large files on threads of their own: nothing else waits, and several files use several cores.
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Digest } from '../../foundation/digest.ts'

interface Waiting {
  readonly path: string
  readonly settle: (answer: Answer) => void
}
type Answer = { readonly hex: string } | { readonly error: unknown }

const lanes = Math.max(1, Math.min(8, availableParallelism()))
const waiting: Waiting[] = []
let busy = 0

/** Throws the file system's error as it is. */
export async function digestLargeFile(path: string): Promise<Digest> {
  const answer = await new Promise<Answer>((settle) => {
    waiting.push({ path, settle })
    if (busy < lanes) startLane()
  })
  if ('error' in answer) throw asError(answer.error)
  return `sha256:${answer.hex}`
}

/** A thread lives while files wait: an idle process keeps none. */
function startLane(): void {
  busy++
  let current: Waiting | undefined
  const worker = new Worker(new URL(import.meta.url.replace('digest-large-fs', 'digest-worker')))
  const next = () => {
    current = waiting.shift()
    if (current !== undefined) return worker.postMessage(current.path)
    busy--
    void worker.terminate()
  }
  const give = (answer: Answer) => {
    current?.settle(answer)
    next()
  }
  worker.on('message', give)
  worker.once('error', (error) => {
    current?.settle({ error })
    current = undefined
    busy--
    if (waiting.length > 0) startLane()
  })
  next()
}

function asError(error: unknown): unknown {
  if (error instanceof Error) return error
  const { message, code } = error as { readonly message: string; readonly code?: string }
  return Object.assign(new Error(message), { code })
}
