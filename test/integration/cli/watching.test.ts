// The verbs that look: rollouts and their commands, status, reasons, logs, the audit trail.
import { describe, expect, test } from 'vitest'
import type { LockstepApi } from '../../../src/api/contract/routes.ts'
import { oneByOne, play } from './fake-world.ts'
import { promotionView, releaseRef, rolloutView, runView, statusView } from './sample-views.ts'

const accepted = async () => ({ accepted: true, because: 'recorded', id: 'int_1' })

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
    expect(out.trimEnd().split('\n').at(-1)).toBe('next: lockstep approve production --as olga')
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
    expect(out).toBe('it ran\n  C changed\n')
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
    expect(out).toBe('09:00:00 train │ one\n09:00:00 train │ two\n09:00:00 train │ three\n')
    expect(asked.slice(0, 3)).toEqual([0, 2, 3])
    const json = await play('logs -f --json', { api: { logs }, interruptAfterMs: 1500 })
    expect(
      json.out
        .trim()
        .split('\n')
        .map((text) => JSON.parse(text).line),
    ).toEqual(['one', 'two', 'three'])
  })

  test('events come page by page until there are no more', async () => {
    const event = (seq: number) => ({
      ...{ seq, at: '2026-01-05T09:00:00.000Z', kind: 'run', objectId: 'run_1', phase: 'queued' },
      ...{ type: 'run.started', actor: 'person:dana', because: 'asked', environment: null },
    })
    const events: LockstepApi['events'] = async ({ after = 0, limit = 200 }) =>
      Array.from({ length: Math.min(limit, 2300 - after) }, (_, i) => event(after + i + 1))
    const seqs = async (line: string) =>
      ((await play(line, { api: { events } })).json() as { seq: number }[]).map(({ seq }) => seq)
    expect(await seqs('events --json')).toHaveLength(2300)
    expect(await seqs('events --json --after 2297')).toEqual([2298, 2299, 2300])
    expect(await seqs('events --json --limit 2')).toEqual([1, 2])
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
