// Each method of the API as HTTP: client and server both read this one table, so they cannot disagree.
import { gateRoutes } from './gate-routes.ts'
import { keepingRoutes } from './keeping-routes.ts'
import { packageRoutes } from './package-routes.ts'
import { pipelineRoutes } from './pipeline-routes.ts'
import { releaseRoutes } from './release-routes.ts'
import type { Route } from './route.ts'
import type { LockstepApi } from './routes.ts'
import { trustRoutes } from './trust-routes.ts'

export const routeTable: Readonly<Record<keyof LockstepApi, Route>> = {
  status: { method: 'GET', path: '/api/status' },
  startRun: { method: 'POST', path: '/api/runs' },
  runs: { method: 'GET', path: '/api/runs' },
  run: { method: 'GET', path: '/api/runs/:run' },
  cancelRun: { method: 'POST', path: '/api/runs/:run/cancel' },
  logs: { method: 'GET', path: '/api/logs' },
  releases: { method: 'GET', path: '/api/releases' },
  release: { method: 'GET', path: '/api/releases/:release' },
  environments: { method: 'GET', path: '/api/environments' },
  promotions: { method: 'GET', path: '/api/promotions' },
  promotion: { method: 'GET', path: '/api/promotions/:promotion' },
  promote: { method: 'POST', path: '/api/promotions' },
  approve: { method: 'POST', path: '/api/promotions/:promotion/approve' },
  reject: { method: 'POST', path: '/api/promotions/:promotion/reject' },
  cancelPromotion: { method: 'POST', path: '/api/promotions/:promotion/cancel' },
  rollouts: { method: 'GET', path: '/api/rollouts' },
  rollout: { method: 'GET', path: '/api/rollouts/:rollout' },
  commandRollout: { method: 'POST', path: '/api/rollouts/:rollout/:command' },
  rollback: { method: 'POST', path: '/api/environments/:environment/rollback' },
  hold: { method: 'POST', path: '/api/environments/:environment/hold' },
  clearHold: { method: 'POST', path: '/api/environments/:environment/clear-hold' },
  monitors: { method: 'GET', path: '/api/monitors' },
  alerts: { method: 'GET', path: '/api/alerts' },
  firings: { method: 'GET', path: '/api/firings' },
  events: { method: 'GET', path: '/api/events' },
  why: { method: 'GET', path: '/api/why' },
  audit: { method: 'GET', path: '/api/audit' },
  dora: { method: 'GET', path: '/api/dora' },
  ...pipelineRoutes,
  ...keepingRoutes,
  ...packageRoutes,
  ...trustRoutes,
  ...releaseRoutes,
  ...gateRoutes,
}

/** The names of a path's parameters, in order. */
export function parametersOf(path: string): string[] {
  return [...path.matchAll(/:([a-z]+)/g)].map((match) => match[1] ?? '')
}

/** Who is calling: a header, because the local socket is already limited to people who may open it. */
export const actorHeader = 'x-lockstep-actor'
