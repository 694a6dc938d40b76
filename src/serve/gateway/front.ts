// The Open Inference Protocol on one environment's port: finds the call, answers it or hands it to the hot path.
import type { IncomingMessage, ServerResponse } from 'node:http'
import {
  liveBody,
  modelMetadataBody,
  modelReadyBody,
  readyBody,
  serverMetadata,
} from '../protocol/metadata.ts'
import { statusTable } from '../protocol/status.ts'
import { reply, replyError } from './http-replies.ts'
import type { AnswerInfer } from './infer-front.ts'
import { leastLoaded } from './replica-pool.ts'
import { matchPath, type RequestPath } from './request-path.ts'
import {
  isReachable,
  type Lane,
  mainLane,
  type RoutedEnvironment,
  type RoutedModel,
} from './routing-table.ts'

export interface FrontParts {
  readonly environment: () => RoutedEnvironment | undefined
  readonly isDraining: () => boolean
  readonly answerInfer: AnswerInfer
  readonly version: string
}

type ModelPath = Extract<RequestPath, { readonly model: string }>
type ServerPath = Exclude<RequestPath, ModelPath>

export function createFront(
  parts: FrontParts,
): (req: IncomingMessage, res: ServerResponse) => void {
  const serverBody = JSON.stringify(serverMetadata(parts.version))
  return (req, res) => {
    const path = matchPath(req.url ?? '')
    if (parts.isDraining()) res.shouldKeepAlive = false
    const method = path?.call === 'infer' ? 'POST' : 'GET'
    if (path === undefined) {
      refuse(req, res, 'unknown_path', 'no such path; to infer, POST /v2/models/{model}/infer')
    } else if (req.method !== method) {
      req.resume()
      const sentence = `${req.method} is not allowed here; use ${method}`
      replyError(res, 'wrong_method', sentence, ['Allow', method])
    } else if ('model' in path) answerModel(parts, path, req, res)
    else answerServer(parts, path, res, serverBody)
  }
}

function answerServer(
  parts: FrontParts,
  { call }: ServerPath,
  res: ServerResponse,
  serverBody: string,
): void {
  if (call === 'server') reply(res, 200, serverBody)
  else if (call === 'live') reply(res, 200, liveBody(true))
  else {
    const ready = !parts.isDraining() && isReady(parts.environment())
    reply(res, ready ? 200 : statusTable.not_ready, readyBody(ready))
  }
}

function answerModel(
  parts: FrontParts,
  path: ModelPath,
  req: IncomingMessage,
  res: ServerResponse,
): void {
  const environment = parts.environment()
  const model = environment?.models.get(path.model)
  if (environment === undefined) {
    refuse(req, res, 'not_ready', 'the gateway has no routing yet')
  } else if (model === undefined) {
    const known = [...environment.models.keys()].sort().join(', ') || 'none'
    const sentence = `model ${path.model} is unknown in ${environment.environment}; known: ${known}`
    refuse(req, res, 'unknown_model', sentence)
  } else if (path.call === 'infer') {
    parts.answerInfer(req, res, { model, version: path.version })
  } else describe(res, path, model)
}

function refuse(
  req: IncomingMessage,
  res: ServerResponse,
  situation: 'unknown_path' | 'unknown_model' | 'not_ready',
  sentence: string,
): void {
  req.resume()
  replyError(res, situation, sentence)
}

/** Every model can be answered by a replica that is connected now. */
function isReady(environment: RoutedEnvironment | undefined): boolean {
  if (environment === undefined || environment.models.size === 0) return false
  for (const model of environment.models.values()) if (!isReachable(mainLane(model))) return false
  return true
}

function describe(res: ServerResponse, path: ModelPath, model: RoutedModel): void {
  const { version } = path
  const lane = version === undefined ? mainLane(model) : model.pinned.get(version)
  if (version !== undefined && lane === undefined) {
    const sentence = `release ${version} of model ${path.model} is not served here`
    replyError(res, 'unknown_version', sentence)
  } else if (path.call === 'model_ready') {
    const ready = isReachable(lane)
    reply(res, ready ? 200 : statusTable.not_ready, modelReadyBody(path.model, ready))
  } else void describeModel(res, model, lane)
}

async function describeModel(
  res: ServerResponse,
  model: RoutedModel,
  lane: Lane | undefined,
): Promise<void> {
  const replica = leastLoaded(lane?.replicas ?? [])
  const metadata = await replica?.client.metadata().catch(() => undefined)
  if (metadata === undefined) {
    replyError(res, 'not_ready', `model ${model.route.model} has no replica that is up`)
  } else reply(res, 200, modelMetadataBody(metadata, [...model.pinned.keys()].sort()))
}
