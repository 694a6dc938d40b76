// Views as the control plane answers them, one of each, to be changed by tests.
import type {
  EnvironmentView,
  PromotionView,
  ReleaseView,
  RolloutView,
  RunView,
  StatusView,
} from '../../../src/api/contract/views.ts'

const at = '2026-01-05T08:59:00.000Z'
export const releaseRef = { id: 'rel_2', number: 2, alias: 'calm-otter' }

/** What a step view has when nothing of it matters to a test. */
export function plain(declaredAs: string) {
  const reads = { traced: false, undeclared: [] }
  return { declaredAs, attempt: 1, expectedMs: null, outputs: [], reads }
}

export function runView(changes: Partial<RunView> = {}): RunView {
  return {
    id: 'run_4',
    number: 4,
    phase: 'succeeded',
    because: 'every gate passed',
    startedBy: 'person:dana',
    trigger: 'person',
    commit: null,
    steps: [
      {
        name: 'prepare',
        verdict: 'hit',
        because: 'nothing changed',
        startedAt: at,
        durationMs: 2,
        key: 'k1',
        ...plain('prepare'),
      },
      {
        name: 'train',
        verdict: 'ran',
        because: 'params.yaml:train.C changed',
        startedAt: at,
        durationMs: 1400,
        key: 'k2',
        ...plain('train'),
      },
    ],
    metrics: [],
    gates: [{ name: 'quality', verdict: 'pass', checks: [] }],
    release: releaseRef,
    sameAs: null,
    createdAt: at,
    finishedAt: at,
    durationMs: 3200,
    ...changes,
  }
}

export const unfairGate: RunView['gates'][number] = {
  name: 'fairness',
  verdict: 'fail',
  checks: [
    {
      id: 'c1',
      text: 'gap(tpr) <= 0.10 by sex',
      verdict: 'fail',
      estimate: 0.18,
      lower: 0.15,
      upper: 0.21,
      because: 'the gap is 0.18 (0.15 to 0.21), above 0.10: Female 0.41, Male 0.59',
    },
  ],
}

export function promotionView(changes: Partial<PromotionView> = {}): PromotionView {
  return {
    id: 'prm_1',
    number: 1,
    phase: 'awaiting_approval',
    intent: 'forward',
    release: releaseRef,
    environment: 'production',
    requestedBy: 'person:dana',
    because: 'better recall',
    blockers: [],
    approvals: [],
    approvers: ['person:olga', 'person:omar'],
    approvalsNeeded: 1,
    binding: 'sha256:b1',
    changes: ['model sha256:aa… becomes sha256:bb…', 'threshold 0.5 becomes 0.3'],
    rolloutId: null,
    expiresAt: '2026-01-08T09:00:00.000Z',
    createdAt: at,
    ...changes,
  }
}

export function rolloutView(changes: Partial<RolloutView> = {}): RolloutView {
  return {
    id: 'rol_1',
    number: 1,
    phase: 'stepping',
    strategy: 'canary',
    environment: 'production',
    stable: { id: 'rel_1', number: 1, alias: 'bold-ant' },
    candidate: releaseRef,
    step: 0,
    steps: 2,
    candidateBp: 1000,
    because: 'release 2 was promoted',
    analysis: null,
    createdAt: at,
    finishedAt: null,
    timings: {
      firstCandidateErrorAt: null,
      harmDecidedAt: null,
      zeroTrafficAt: null,
      firstErrorToZeroTrafficMs: null,
    },
    ...changes,
  }
}

export function environmentView(changes: Partial<EnvironmentView> = {}): EnvironmentView {
  return {
    name: 'production',
    phase: 'serving',
    delivery: 'manual',
    url: 'http://127.0.0.1:8080',
    stable: { id: 'rel_1', number: 1, alias: 'bold-ant' },
    candidate: null,
    previous: null,
    candidateBp: 0,
    mirrorBp: 0,
    epoch: 3,
    observedEpoch: 3,
    replicas: [{ id: 'r1', release: 1, phase: 'ready', pid: 7, restarts: 0 }],
    hold: null,
    traffic: { requests: 12_345, errors: 0, clientErrors: 1 },
    ...changes,
  }
}

export function releaseView(changes: Partial<ReleaseView> = {}): ReleaseView {
  return {
    ...releaseRef,
    phase: 'sealed',
    digest: `sha256:${'a'.repeat(64)}`,
    modelDigest: `sha256:${'b'.repeat(64)}`,
    runId: 'run_4',
    runNumber: 4,
    commit: null,
    metrics: { roc_auc: 0.92651 },
    sealedAt: at,
    undecided: null,
    waivedBy: [],
    environments: { staging: 'serving' },
    ...changes,
  }
}

export function statusView(changes: Partial<StatusView> = {}): StatusView {
  return {
    project: 'income',
    model: 'income',
    version: '0.1.0',
    control: { pid: 1, url: 'http://127.0.0.1:7070', since: at },
    environments: [environmentView()],
    latestRun: runView(),
    releases: [releaseView()],
    waitingForApproval: [],
    activeRollouts: [],
    openAlerts: [],
    stuck: [],
    ...changes,
  }
}
