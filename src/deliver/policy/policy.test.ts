// Stories of policy: what blocks, who may approve, what an approval is bound to.
import { expect, test } from 'vitest'
import type { Digest } from '../../foundation/digest.ts'
import type { ApprovalSpec } from '../../project/environment-spec.ts'
import { noon, production, sampleDeployment, sampleRelease, serving } from '../sample-delivery.ts'
import { type Approval, judgeApprovals, sayMissing, whyMayNotApprove } from './approvals.ts'
import { bind, whatChanged } from './binding.ts'
import { evaluatePolicy, isHard, type PolicyQuestion } from './blockers.ts'
import { freezeAt, nextFreeze } from './freezes.ts'
import { matchSlots } from './matching.ts'

const hour = 3_600_000
const question: PolicyQuestion = {
  release: sampleRelease(3),
  environment: production,
  deployment: serving(2),
  promotion: { intent: 'forward', requester: 'person:piotr' },
  facts: { upstreamSucceededAt: null, hasServedHere: false },
  now: noon,
}
const codes = (change: Partial<PolicyQuestion>) =>
  evaluatePolicy({ ...question, ...change }).map((blocker) => blocker.code)

test('given a sealed newer release and a free environment, then nothing stands in the way', () => {
  expect(codes({})).toEqual([])
})

test('given everything wrong at once, then every blocker is named, the hard one first, with what clears it', () => {
  const blockers = evaluatePolicy({
    ...question,
    release: sampleRelease(1, { phase: 'blocked', because: 'bias report open' }),
    environment: {
      ...production,
      after: 'staging',
      freezes: [{ from: noon - hour, until: noon + hour, because: 'year end' }],
    },
    deployment: serving(2, {
      hold: { since: noon, because: 'rolled back', actor: 'system:loop' },
      rolloutId: 'rollout_x',
    }),
    promotion: { intent: 'forward', requester: 'policy:production' },
  })
  expect(blockers.map(({ code, clearedBy }) => [code, clearedBy])).toEqual([
    ['downgrade', 'nothing'],
    ['release_not_sealed', 'person'],
    ['upstream_missing', 'upstream'],
    ['frozen', 'time'],
    ['held', 'person'],
    ['lane_busy', 'lane'],
  ])
  expect(blockers.find((blocker) => blocker.code === 'frozen')?.clearsAt).toBe(noon + hour)
})

test('given a freeze and a hold, when going back, then neither blocks', () => {
  const environment = {
    ...production,
    freezes: [{ from: 0, until: noon + hour, because: 'year end' }],
  }
  const deployment = serving(2, { hold: { since: noon, because: 'x', actor: 'system:loop' } })
  const promotion = { intent: 'rollback', requester: 'policy:production' } as const
  expect(codes({ environment, deployment, promotion, release: sampleRelease(1) })).toEqual([])
})

test('a hold stops the machine, not a person', () => {
  const deployment = serving(2, { hold: { since: noon, because: 'x', actor: 'system:loop' } })
  expect(codes({ deployment })).toEqual([])
  expect(
    codes({ deployment, promotion: { intent: 'forward', requester: 'policy:production' } }),
  ).toEqual(['held'])
})

test.each([
  ['forward', 2, ['already_serving']],
  ['forward', 1, ['downgrade']],
  ['rollback', 2, ['already_serving']],
  ['rollback', 3, ['not_a_rollback']],
  ['redeploy', 3, ['not_a_redeploy']],
  ['redeploy', 2, []],
] as const)('with release 2 serving, %s of release %i: %j', (intent, number, expected) => {
  const promotion = { intent, requester: 'person:piotr' as const }
  const blockers = evaluatePolicy({ ...question, promotion, release: sampleRelease(number) })
  expect(blockers.map((blocker) => blocker.code)).toEqual(expected)
  expect(blockers.every(isHard)).toBe(true)
})

test('an empty environment begins with a forward promotion', () => {
  const deployment = sampleDeployment()
  expect(codes({ deployment })).toEqual([])
  expect(
    codes({ deployment, promotion: { intent: 'rollback', requester: 'person:piotr' } }),
  ).toEqual(['not_a_redeploy'])
})

test('given a soak of two hours upstream, then it says when it ends', () => {
  const environment = { ...production, after: 'staging', soakMs: 2 * hour }
  const facts = { upstreamSucceededAt: noon - hour, hasServedHere: false }
  const [soaking] = evaluatePolicy({ ...question, environment, facts })
  expect(soaking).toMatchObject({ code: 'soaking', clearsAt: noon + hour, clearedBy: 'time' })
  expect(codes({ environment, facts, now: noon + hour })).toEqual([])
})

test('freezes that touch count as one; the next one is known before it begins', () => {
  const freezes = [
    { from: noon, until: noon + hour, because: 'a' },
    { from: noon + hour, until: noon + 2 * hour, because: 'b' },
    { from: noon + 9 * hour, until: noon + 10 * hour, because: 'c' },
  ]
  expect(freezeAt(freezes, noon)).toEqual({ because: 'a', until: noon + 2 * hour })
  expect(freezeAt(freezes, noon + 2 * hour)).toBeNull()
  expect(nextFreeze(freezes, noon + 2 * hour)?.because).toBe('c')
})

const rule: ApprovalSpec = {
  count: 2,
  from: ['olga', 'piotr', 'sam'],
  exclude: ['requester', 'author', 'run_starter'],
  expiresMs: hour,
}
const binding: Digest = `sha256:${'b'.repeat(64)}`
const by = (approver: Approval['approver'], changes: Partial<Approval> = {}): Approval => ({
  id: `intent_${approver}`,
  phase: 'active',
  approver,
  at: noon,
  binding,
  comment: null,
  expiresAt: noon + hour,
  because: null,
  ...changes,
})
const outsiders = { requester: 'person:kim', authors: [], runStarter: null, waivedBy: [] } as const

test('given two of three named people, then the rule is satisfied', () => {
  expect(judgeApprovals(rule, [by('person:olga'), by('person:sam')], outsiders).isSatisfied).toBe(
    true,
  )
})

test('one person has one vote, a service has none, a stranger has none, and each is told why', () => {
  const approvals = [
    by('person:olga'),
    by('person:Olga', { id: 'again' }),
    by('service:ci'),
    by('person:eve'),
    by('person:sam', { phase: 'stale', because: 'the release changed' }),
  ]
  const judgement = judgeApprovals(rule, approvals, outsiders)
  expect(judgement.isSatisfied).toBe(false)
  expect(judgement.counted.map((approval) => approval.approver)).toEqual(['person:olga'])
  expect(judgement.uncounted.map((entry) => entry.because)).toEqual([
    'olga has one vote',
    'service:ci is not a person, and only people approve',
    'eve is not among those who may approve: olga, piotr, sam',
    'the release changed',
  ])
  expect(judgement.mayApprove).toEqual({ anyone: false, names: ['piotr', 'sam'] })
})

test('requester, authors and the starter of the run do not count; when too few remain, it is impossible from the start', () => {
  const involved = {
    requester: 'person:olga',
    authors: ['Piotr'],
    runStarter: 'person:sam',
    waivedBy: [],
  } as const
  const judgement = judgeApprovals(rule, [by('person:olga')], involved)
  expect(judgement.isSatisfied).toBe(false)
  expect(judgement.impossible).toContain('only 0 of them can')
  expect(sayMissing(judgement, null)).toContain('piotr (wrote part of this release)')
  expect(whyMayNotApprove('person:olga', rule, involved)).toContain('requested this promotion')
})

test('a rule that names nobody is open to anyone who is not excluded', () => {
  const open = { ...rule, from: [], count: 1 }
  expect(judgeApprovals(open, [by('person:eve')], outsiders).isSatisfied).toBe(true)
  expect(judgeApprovals(open, [by('person:kim')], outsiders).isSatisfied).toBe(false)
})

test('matching fills both slots although the only filler of one was first put in the other', () => {
  expect(matchSlots([['a', 'b'], ['a']])).toEqual(['b', 'a'])
  expect(matchSlots([['a'], ['a']]).filter((person) => person === null)).toHaveLength(1)
})

test('an approval is bound to what would change: another stable release makes another binding, and it says which part', () => {
  const subject = {
    release: sampleRelease(3),
    environment: production,
    deployment: serving(2),
    requester: 'person:piotr',
    intent: 'forward',
  } as const
  const before = bind(subject)
  expect(bind({ ...subject }).digest).toBe(before.digest)
  const after = bind({
    ...subject,
    deployment: serving(1),
    environment: { ...production, replicas: 3 },
  })
  expect(whatChanged(before.parts, after.parts)).toEqual([
    'the environment declaration',
    'the plan (what serves now, or how traffic would move)',
  ])
})
