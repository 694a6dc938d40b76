import { expect, test } from 'vitest'
import type { EnvironmentView, StatusView } from './contract/views.ts'
import { metricsText } from './metrics.ts'

const production: EnvironmentView = {
  name: 'production',
  phase: 'serving',
  delivery: 'manual',
  url: 'http://127.0.0.1:8080',
  stable: { id: 'rel_a', number: 3, alias: 'calm-fox' },
  candidate: { id: 'rel_b', number: 4, alias: 'wise-owl' },
  previous: null,
  candidateBp: 1000,
  mirrorBp: 0,
  epoch: 7,
  observedEpoch: 7,
  hold: null,
  replicas: [
    { id: 'a', release: 3, phase: 'ready', pid: 1, restarts: 0 },
    { id: 'b', release: 4, phase: 'starting', pid: 2, restarts: 1 },
  ],
  traffic: { requests: 120, errors: 2, clientErrors: 1 },
}

const status: StatusView = {
  project: 'income',
  model: 'in"come',
  version: '0.1.0',
  control: { pid: 1, url: null, since: '2026-01-05T09:00:00.000Z' },
  environments: [production],
  latestRun: null,
  releases: [],
  waitingForApproval: [],
  activeRollouts: [],
  openAlerts: [],
  stuck: [],
}

test('each family has help and type once, and labels are escaped', () => {
  const text = metricsText(status)
  expect(text.match(/# TYPE lockstep_requests_total counter/g)).toHaveLength(1)
  expect(text).toContain(
    'lockstep_requests_total{environment="production",model="in\\"come"} 120\n',
  )
  expect(text).toContain(
    'lockstep_candidate_share{environment="production",model="in\\"come"} 0.1\n',
  )
  expect(text).toContain('lockstep_replicas_ready{environment="production",model="in\\"come"} 1\n')
  expect(text.endsWith('lockstep_objects_stuck 0\n')).toBe(true)
})
