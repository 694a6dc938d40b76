// The hot path: POST …/infer from the client's bytes to the client's answer. The body is never read here, only passed on;
// which release answers needs no more than the path, one header and a hash.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '../../foundation/clock.ts'
import { errorBody } from '../protocol/status.ts'
import type { Answer } from '../runtime/frames.ts'
import { assignArm, isMirrored } from './assign-arm.ts'
import type { CaptureRing } from './capture.ts'
import type { EvidenceCounter } from './evidence.ts'
import { forward, type Unanswered } from './forward.ts'
import { readBody, reply, replyError } from './http-replies.ts'
import { judge, unansweredBody } from './judge.ts'
import type { Mirror } from './mirror.ts'
import type { ReplicaPool } from './replica-pool.ts'
import type { Lane, RoutedModel } from './routing-table.ts'

export interface InferParts {
  readonly pool: ReplicaPool
  readonly evidence: EvidenceCounter
  readonly capture: CaptureRing
  readonly mirror: Mirror
  readonly clock: Clock
  readonly newPredictionId: () => string
  readonly maxBodyBytes: number
  readonly deadlineMs: number
}

interface Exchange {
  readonly res: ServerResponse
  readonly model: RoutedModel
  readonly lane: Lane
  /** What the split was decided by, and the mirror will be. */
  readonly key: string
  readonly predictionId: string
  readonly requestId: string
  readonly startMs: number
}

export type AnswerInfer = (
  req: IncomingMessage,
  res: ServerResponse,
  asked: { readonly model: RoutedModel; readonly version: string | undefined },
) => void

export function createInferFront(parts: InferParts): AnswerInfer {
  return (req, res, { model, version }) => {
    const refusal = unreadable(req)
    if (refusal !== undefined) {
      replyError(res, refusal.situation, refusal.sentence)
      req.resume()
      return
    }
    const startMs = parts.pool.elapsedMs()
    const predictionId = parts.newPredictionId()
    const requestId = readRequestId(req) ?? predictionId
    const key = readKey(req, model.stickyHeader) ?? requestId
    const lane = version === undefined ? splitLane(model, key) : model.pinned.get(version)
    if (lane === undefined) {
      refuseLane(res, model, version)
      req.resume()
      return
    }
    const exchange = { res, model, lane, key, predictionId, requestId, startMs }
    readBody(req, parts.maxBodyBytes, (body) => {
      if (body !== 'too_large') send(parts, exchange, body)
      else {
        const sentence = `the body is larger than ${parts.maxBodyBytes} bytes; send fewer rows per request`
        replyError(res, 'too_large', sentence, ['Connection', 'close'])
      }
    })
  }
}

function splitLane({ route, stable, candidate }: RoutedModel, key: string): Lane | undefined {
  return assignArm(route.salt, key, route.candidateBp) === 'candidate' ? candidate : stable
}

function refuseLane(res: ServerResponse, model: RoutedModel, version: string | undefined): void {
  const name = model.route.model
  if (version === undefined) {
    replyError(res, 'not_ready', `model ${name} has no release in ${model.environment} yet`)
    return
  }
  const served = [...model.pinned.keys()].sort().join(', ') || 'none'
  replyError(
    res,
    'unknown_version',
    `release ${version} of model ${name} is not served in ${model.environment}; served: ${served}`,
  )
}

function send(parts: InferParts, exchange: Exchange, body: Buffer): void {
  const { lane, predictionId, startMs } = exchange
  forward(parts.pool, {
    lane,
    body,
    predictionId,
    deadline: startMs + parts.deadlineMs,
    settle: (outcome) => answer(parts, exchange, body, outcome),
  })
}

function answer(
  parts: InferParts,
  exchange: Exchange,
  body: Buffer,
  outcome: Answer | Unanswered,
): void {
  const { res, lane, model, predictionId, requestId } = exchange
  const { status, outcome: kind, rows, answered } = judge(outcome)
  const response =
    typeof outcome === 'string' ? unansweredBody(outcome, lane.release) : outcome.body
  reply(res, status, response, [
    'x-lockstep-release',
    lane.release,
    'x-request-id',
    requestId,
    'x-lockstep-prediction-id',
    predictionId,
  ])
  const at = parts.clock.now()
  const elapsedMs = parts.pool.elapsedMs() - exchange.startMs
  parts.evidence.record(lane.evidence, { outcome: kind, at, elapsedMs, rows, answered })
  const { arm } = lane.evidence
  if (status === 200 && typeof outcome !== 'string' && parts.capture.isSampled(predictionId)) {
    const { releaseId } = lane
    const { environment } = model
    const request = body
    parts.capture.add({
      ...{ at, predictionId, environment, model: model.route.model, releaseId, arm },
      request,
      response: outcome.body,
    })
  }
  const { salt, mirrorBp } = model.route
  if (arm !== 'stable' || model.mirror === undefined) return
  if (isMirrored(salt, exchange.key, mirrorBp)) parts.mirror.send(model.mirror, body, predictionId)
}

/** Ids come back in headers and files: a short visible text, or it is not used. */
const usableId = /^[\x21-\x7e]{1,128}$/

function readRequestId(req: IncomingMessage): string | undefined {
  const id = req.headers['x-request-id']
  return typeof id === 'string' && usableId.test(id) ? id : undefined
}

function readKey(req: IncomingMessage, header: string): string | undefined {
  const key = req.headers[header]
  return typeof key === 'string' && key !== '' ? key : undefined
}

function unreadable(
  req: IncomingMessage,
): { situation: 'bad_request' | 'unsupported_encoding'; sentence: string } | undefined {
  const { headers } = req
  if (headers['inference-header-content-length'] !== undefined) {
    const sentence = 'binary tensor data is not supported yet; send the tensors as JSON'
    return { situation: 'bad_request', sentence }
  }
  const encoding = headers['content-encoding']
  if (encoding === undefined || encoding === 'identity') return undefined
  const sentence = `content-encoding ${encoding} is not supported; send the body as plain JSON`
  return { situation: 'unsupported_encoding', sentence }
}

/** For bytes that are no HTTP at all. */
export function brokenRequestText(): string {
  const body = errorBody('the request is not HTTP/1.1')
  return `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
}
