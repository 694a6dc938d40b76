// The verbs of a delivery, from run to rollback, against a scripted control plane.
import { describe, expect, test } from 'vitest'
import type { ApproveInput, LockstepApi, PromoteInput } from '../../../src/api/contract/routes.ts'
import { LockstepError } from '../../../src/foundation/errors.ts'
import { oneByOne, play } from './fake-world.ts'
import {
  promotionView,
  releaseRef,
  rolloutView,
  runView,
  statusView,
  unfairGate,
} from './sample-views.ts'

const accepted = async () => ({ accepted: true, because: 'recorded', id: 'int_1' })
const away = new LockstepError({ code: 'client.not_running', kind: 'unavailable', message: 'gone' })

describe('run', () => {
  const starting = runView({ phase: 'running', steps: [], gates: [], release: null })

  test('tells each step once, then the release and what to type next', async () => {
    const [prepare, train] = runView().steps
    if (!prepare || !train) throw new Error('two steps expected')
    const running = runView({
      phase: 'running',
      gates: [],
      release: null,
      steps: [prepare, { ...train, verdict: 'running', durationMs: null }],
    })
    const api = { startRun: async () => starting, run: oneByOne(running, running, runView()) }
    const { code, out, err } = await play('run', { api })
    expect(code).toBe(0)
    expect(err.split('\n').map((line) => line.trim())).toEqual([
      'run 4  ▸ running  3.2 s  run_4',
      '✓ unchanged  prepare  2 ms  nothing changed',
      '▸ running  train     params.yaml:train.C changed',
      '✓ ran  train  1.4 s  params.yaml:train.C changed',
      '',
    ])
    expect(out).toContain('made release 2 (calm-otter)')
    expect(out).toContain('next: lockstep promote 2 --to ENVIRONMENT')
  })

  test('a gate that said no is exit 3, with its numbers first', async () => {
    const gates = [...runView().gates, unfairGate]
    const failed = runView({
      phase: 'failed',
      gates,
      release: null,
      because: 'gate fairness failed',
    })
    const api = { startRun: async () => starting, run: async () => failed }
    const { code, out } = await play('run', { api })
    expect(code).toBe(3)
    expect(out.split('\n').slice(0, 4)).toEqual([
      '✗ fail  gate fairness',
      '    ✗ fail  gap(tpr) <= 0.10 by sex',
      '      because the gap is 0.18 (0.15 to 0.21), above 0.10: Female 0.41, Male 0.59',
      '✓ pass  gate quality  0 checks',
    ])
    expect((await play('run --json', { api })).json()).toEqual(failed)
  })

  test('not enough evidence is exit 10, a failed step exit 1 with its logs', async () => {
    const thin = runView({
      phase: 'failed',
      gates: [{ name: 'quality', verdict: 'insufficient', checks: [] }],
    })
    const api = { startRun: async () => starting, run: async () => thin }
    expect((await play('run', { api })).code).toBe(10)
    const broken = runView({
      phase: 'failed',
      gates: [],
      release: null,
      steps: [
        {
          name: 'train',
          verdict: 'failed',
          because: 'exit 1',
          startedAt: null,
          durationMs: 9,
          key: null,
        },
      ],
    })
    const played = await play('run', { api: { ...api, run: async () => broken } })
    expect(played.code).toBe(1)
    expect(played.out).toContain('next: lockstep logs --run 4 --step train')
  })

  test('Ctrl-C detaches from a control plane that stays', async () => {
    const api = { startRun: async () => starting, run: async () => starting }
    const { code, err } = await play('run', { api, interruptAfterMs: 1000 })
    expect(code).toBe(130)
    expect(err).toContain(
      'detached; run 4 continues in the control plane\nnext: lockstep logs -f --run 4',
    )
    const local = await play('run', { api, interruptAfterMs: 1000, lasting: false })
    expect(local.err).toContain('stopped; run 4 is interrupted')
  })

  test('a control plane that is killed and comes back is waited for', async () => {
    let looks = 0
    const run: LockstepApi['run'] = async () => {
      looks++
      if (looks === 2 || looks === 3) throw away
      return looks > 3 ? runView() : starting
    }
    const { code, err } = await play('run', { api: { startRun: async () => starting, run } })
    expect(code).toBe(0)
    expect(err.match(/the control plane is away/g)).toHaveLength(1)
  })

  test('--no-wait returns the started run, but only from a control plane that stays', async () => {
    const api = { startRun: async () => starting }
    expect((await play('run --no-wait', { api })).out).toContain('started run 4 (run_4)')
    expect((await play('run --no-wait', { api, lasting: false })).code).toBe(2)
  })
})

describe('promote', () => {
  test('waiting for a person is exit 4 and says who may approve', async () => {
    const asked: PromoteInput[] = []
    const api = {
      promote: async (input: PromoteInput) => {
        asked.push(input)
        return promotionView({ phase: 'requested' })
      },
      promotion: oneByOne(promotionView({ phase: 'evaluating' }), promotionView()),
    }
    const line = ['promote', '2', '--to', 'production', '--because', 'better recall']
    const { code, out } = await play(line, { api })
    expect(code).toBe(4)
    expect(asked).toEqual([{ environment: 'production', release: 2, because: 'better recall' }])
    expect(out).toContain('may approve: person:olga, person:omar')
    expect(out).toContain('next: lockstep approve production --as NAME')
  })

  test('blocked by policy is exit 5 and says who can clear it', async () => {
    const blocked = promotionView({
      phase: 'blocked',
      blockers: [
        { code: 'hold', because: 'production is held', clearedBy: 'person:olga', clearsAt: null },
      ],
    })
    const api = { promote: async () => blocked, promotion: async () => blocked }
    const { code, out } = await play('promote --to production', { api })
    expect(code).toBe(5)
    expect(out).toContain('! production is held; cleared by person:olga')
  })

  test('--wait follows to the end: rolled back is exit 6', async () => {
    const api = {
      promote: async () => promotionView({ phase: 'executing', rolloutId: 'rol_1' }),
      promotion: oneByOne(
        promotionView({ phase: 'executing' }),
        promotionView({ phase: 'rolled_back' }),
      ),
    }
    expect((await play('promote --to production --wait', { api })).code).toBe(6)
  })
})

describe('approve', () => {
  const approvals = (seen: [string, ApproveInput][]): Partial<LockstepApi> => ({
    approve: async (id, input) => {
      seen.push([id, input])
      return accepted()
    },
  })

  test('shows what would change, then binds to exactly that', async () => {
    const seen: [string, ApproveInput][] = []
    const api = { ...approvals(seen), promotions: async () => [promotionView()] }
    const { code, out, err } = await play('approve --as olga --comment ok', { api })
    expect(code).toBe(0)
    expect(err).toContain('what would change:\n    - model sha256:aa… becomes sha256:bb…')
    expect(seen).toEqual([['prm_1', { binding: 'sha256:b1', comment: 'ok' }]])
    expect(out).toContain('✓ approved promotion 1 as person:olga')
  })

  test('with several waiting it lists them and approves none', async () => {
    const seen: [string, ApproveInput][] = []
    const other = promotionView({ id: 'prm_2', number: 2, environment: 'staging' })
    const api = { ...approvals(seen), promotions: async () => [promotionView(), other] }
    const refusedOne = await play('approve', { api })
    expect(refusedOne.code).toBe(2)
    expect(refusedOne.err).toContain('1 (release 2 → production), 2 (release 2 → staging)')
    expect(seen).toEqual([])
    expect((await play('approve staging', { api })).code).toBe(0)
    expect(seen[0]?.[0]).toBe('prm_2')
  })

  test('--dry-run only shows; a refusal is exit 5; a stale binding exit 8', async () => {
    const promotions = async () => [promotionView()]
    expect((await play('approve --dry-run', { api: { promotions } })).code).toBe(0)
    const no = { accepted: false, because: 'dana asked for it and may not approve', id: null }
    const refusal = await play('approve', { api: { promotions, approve: async () => no } })
    expect(refusal.code).toBe(5)
    expect(refusal.err).toContain('error: dana asked for it and may not approve')
    const stale = new LockstepError({
      code: 'approval.stale',
      kind: 'conflict',
      message: 'changed',
    })
    const approve = () => Promise.reject(stale)
    expect((await play('approve', { api: { promotions, approve } })).code).toBe(8)
  })
})

describe('rollout', () => {
  test('watches the active one to its end; rolled back is exit 6 with the time it took', async () => {
    const analysing = rolloutView({
      phase: 'analysing',
      analysis: {
        verdict: 'harm',
        sentences: ['12 errors in 300 requests, stable 0 in 2 700'],
        candidate: { requests: 300, errors: 12 },
        stable: { requests: 2700, errors: 0 },
      },
    })
    const back = rolloutView({
      ...analysing,
      phase: 'rolled_back',
      candidateBp: 0,
      because: 'harm was shown',
      timings: { ...analysing.timings, firstErrorToZeroTrafficMs: 2150 },
    })
    const api = {
      rollouts: async () => [rolloutView()],
      rollout: oneByOne(rolloutView(), rolloutView(), analysing, back),
    }
    const { code, out, err } = await play('rollout', { api })
    expect(code).toBe(6)
    expect(err.match(/stepping/g)).toHaveLength(2)
    expect(out).toContain('candidate 12 errors in 300 requests, stable 0 errors in 2,700 requests')
    expect(out).toContain('from the first bad answer to zero candidate traffic: 2.1 s')
    expect(out).toContain('next: lockstep why rollout rol_1')
  })

  test('a terminal gets one redrawn line, a file does not', async () => {
    const api = () => ({
      rollouts: async () => [rolloutView()],
      rollout: oneByOne(rolloutView(), rolloutView({ phase: 'completed', candidateBp: 10_000 })),
    })
    expect((await play('rollout', { api: api() })).err).not.toContain('\r')
    const tty = await play('rollout --no-color', { api: api(), isTTY: true })
    expect(tty.err).toContain('production █░░░░░░░░░ 10 %, step 1 of 2')
  })

  test('commands go to the active rollout, with a reason on record', async () => {
    const seen: unknown[][] = []
    const api: Partial<LockstepApi> = {
      rollouts: async () => [
        rolloutView({ phase: 'completed' }),
        rolloutView({ id: 'rol_2', number: 2 }),
      ],
      commandRollout: async (...args) => {
        seen.push(args)
        return accepted()
      },
    }
    expect((await play('rollout pause', { api })).code).toBe(0)
    await play(['rollout', 'abort', 'production', '--because', 'nonsense answers'], { api })
    expect(seen).toEqual([
      ['rol_2', 'pause', { because: 'pause by person:dana' }],
      ['rol_2', 'abort', { because: 'nonsense answers' }],
    ])
  })

  test('rollback asks nothing and has a reason by itself', async () => {
    const seen: unknown[][] = []
    const rollback: LockstepApi['rollback'] = async (...args) => {
      seen.push(args)
      return accepted()
    }
    const { code, json } = await play('rollback production --json', { api: { rollback } })
    expect(code).toBe(0)
    expect(seen).toEqual([['production', { because: 'rolled back by dana' }]])
    expect(json()).toMatchObject({ accepted: true, environment: 'production', id: 'int_1' })
  })
})

describe('looking', () => {
  test('status says what serves where, what waits, and what to type', async () => {
    const status = async () => statusView({ waitingForApproval: [promotionView()] })
    const { out } = await play('status', { api: { status } })
    expect(out).toMatch(/ENVIRONMENT +PHASE +SERVES/)
    expect(out).toMatch(
      /production +✓ serving +1 +- +1\/1 ready +12,345 +0 +http:\/\/127\.0\.0\.1:8080/,
    )
    expect(out).toContain('waits for a person\n  promotion 1  release 2 (calm-otter) → production')
    expect(out.trimEnd().split('\n').at(-1)).toBe('next: lockstep approve production --as NAME')
  })

  test.each([
    ['why train', { subject: 'step:train' }],
    ['why step train', { subject: 'step:train' }],
    ['why run 3', { subject: 'run:3' }],
    ['why release 2 production', { subject: 'release:2', environment: 'production' }],
    ['why 2 production', { subject: 'release:2', environment: 'production' }],
    ['why rollout 1', { subject: 'rollout:rol_1' }],
    ['why promotion 1', { subject: 'promotion:prm_1' }],
    ['why run_01jd3k4m5n6p7q8r9s0t1v2w3x', { subject: 'run:run_01jd3k4m5n6p7q8r9s0t1v2w3x' }],
    ['why alert:alr_1', { subject: 'alert:alr_1' }],
  ])('%s', async (line, expected) => {
    const seen: unknown[] = []
    const api: Partial<LockstepApi> = {
      promotions: async () => [promotionView()],
      rollouts: async () => [rolloutView()],
      why: async (query) => {
        seen.push(query)
        return { subject: 'step train', answer: 'it ran', sentences: ['C changed'], next: [] }
      },
    }
    const { code, out } = await play(line, { api })
    expect(code).toBe(0)
    expect(seen).toEqual([expected])
    expect(out).toBe('step train: it ran\n  C changed\n')
  })

  test('logs -f asks for what it has not seen and ends with Ctrl-C', async () => {
    const asked: (number | undefined)[] = []
    const line = (text: string) => ({ at: '2026-01-05T09:00:00.000Z', source: 'train', line: text })
    const logs: LockstepApi['logs'] = async ({ after = 0 }) => {
      asked.push(after)
      return [line('one'), line('two'), line('three')].slice(after, after + 2)
    }
    const { code, out } = await play('logs -f', { api: { logs }, interruptAfterMs: 1500 })
    expect(code).toBe(130)
    expect(out).toBe('09:00:00 train one\n09:00:00 train two\n09:00:00 train three\n')
    expect(asked.slice(0, 3)).toEqual([0, 2, 3])
    const json = await play('logs -f --json', { api: { logs }, interruptAfterMs: 1500 })
    expect(
      json.out
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text).line),
    ).toEqual(['one', 'two', 'three'])
  })

  test('audit of a broken chain is exit 1', async () => {
    const audit = async () => ({
      events: 9,
      intact: false,
      because: 'event 5 was changed',
      head: 'sha256:h',
    })
    const { code, out } = await play('audit', { api: { audit } })
    expect(code).toBe(1)
    expect(out).toContain('✗ broken  9 events: event 5 was changed')
  })

  test('nothing there yet: says so and what to type', async () => {
    const none = async () => []
    const api = {
      runs: none,
      releases: none,
      rollouts: none,
      alerts: none,
      monitors: none,
      firings: none,
      events: none,
      dora: none,
    }
    for (const line of ['runs', 'releases', 'rollout list', 'alerts', 'events', 'dora']) {
      const { code, out } = await play(line, { api })
      expect(code, line).toBe(0)
      expect(out, line).toMatch(/^no /m)
    }
    expect((await play('runs 9', { api: { run: async () => runView() } })).out).toContain(
      releaseRef.alias,
    )
  })
})
