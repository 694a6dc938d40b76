// The verbs that move a model: run, promote and approve, against a scripted control plane.
import { describe, expect, test } from 'vitest'
import type { ApproveInput, LockstepApi, PromoteInput } from '../../../src/api/contract/routes.ts'
import { LockstepError } from '../../../src/foundation/errors.ts'
import { oneByOne, play } from './fake-world.ts'
import { plain, promotionView, runView, unfairGate } from './sample-views.ts'

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
    expect(err.split('\n').map((line) => line.trim().replaceAll(/ +/g, ' '))).toEqual([
      'run 4 ▸ running 3.2 s run_4',
      '✓ unchanged prepare 2 ms nothing changed',
      '▸ running train params.yaml:train.C changed',
      '✓ ran train 1.4 s params.yaml:train.C changed',
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
          ...plain('train'),
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
    expect(out).toContain('next: lockstep approve production --as olga')
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
