// Long work over HTTP: progress line by line, then the answer or the problem. The listener leaving stops the work.
import type { FastifyReply } from 'fastify'
import { sentenceOf } from '../foundation/errors.ts'
import type { Logger } from '../foundation/logger.ts'
import { every } from '../foundation/system-clock.ts'
import { type Listener, lineType, type ProgressView } from './contract/route.ts'
import { asLockstepError, problemView } from './problems.ts'

/** Well below the minute of silence after which a client gives up. */
const signOfLifeMs = 15_000
/** A line per file of a hundred thousand would drown the reader. */
const betweenLinesMs = 50

export async function tell(
  reply: FastifyReply,
  work: (listener: Listener) => Promise<unknown>,
  logger: Logger,
): Promise<FastifyReply> {
  reply.hijack()
  const gone = new AbortController()
  const wire = reply.raw
  wire.writeHead(200, { 'content-type': lineType, 'cache-control': 'no-store' })
  wire.on('close', () => gone.abort())
  const write = (line: unknown) => {
    if (!wire.destroyed) wire.write(`${JSON.stringify(line)}\n`)
  }
  let waiting: ProgressView | null = null
  const flush = () => {
    if (waiting) write({ told: waiting })
    waiting = null
  }
  const stops = [every(signOfLifeMs, () => write({})), every(betweenLinesMs, flush)]
  try {
    const answer = await work({
      told: (progress) => {
        waiting = progress
      },
      signal: gone.signal,
    })
    flush()
    write({ answer: answer ?? null })
  } catch (error) {
    const known = asLockstepError(error)
    if (known.kind === 'internal') logger.error('long work failed', { error: sentenceOf(error) })
    flush()
    write({ problem: problemView(known) })
  } finally {
    for (const stop of stops) stop()
    wire.end()
  }
  return reply
}
