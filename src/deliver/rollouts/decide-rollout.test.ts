// Stories of rollouts: a canary that passes, one that hurts, one nobody uses, and people who interfere.
import { expect, test } from 'vitest'
import { RolloutStory, two } from '../rollout-story.ts'
import { command, noon, production, sampleDeployment } from '../sample-delivery.ts'
import { noEvidence } from './rollout-evidence.ts'

test('given a healthy candidate, then it goes 10 %, 50 %, everything, bakes, and becomes stable with the old one kept warm', () => {
  const story = new RolloutStory().until('analysing')
  expect(story.deployment.candidateBp).toBe(1000)
  story.traffic([300, 0], [2700, 0]).until('stepping')
  expect(story.now - noon).toBeGreaterThanOrEqual(5000)
  expect(story.deployment.candidateBp).toBe(5000)
  story.until('analysing').traffic([2000, 1], [2000, 1]).until('completed')
  expect(story.deployment).toMatchObject({
    stable: two,
    previous: { number: 1 },
    candidate: null,
    rolloutId: null,
  })
  expect(story.told).toEqual([
    'provisioning',
    'warming',
    'stepped',
    'analysing',
    'stepped',
    'analysing',
    'promoting',
    'baking',
    'completed',
  ])
  expect(story.rollout).toMatchObject({ verdict: { verdict: 'pass' }, wakeAt: null })
})

test('given a candidate that fails far more often than stable, then it is taken back at once, with the numbers and a hold', () => {
  const story = new RolloutStory().until('analysing')
  story.traffic([60, 20], [540, 1])
  story.evidence = { ...story.evidence, firstCandidateErrorAt: story.now - 700 }
  const { notices } = story.pass()
  expect(story.rollout).toMatchObject({
    phase: 'aborting',
    cause: 'harm',
    because: expect.stringContaining('20 of 60 candidate answers failed'),
  })
  expect(story.deployment).toMatchObject({
    candidateBp: 0,
    candidate: null,
    leaving: [two],
    stable: { number: 1 },
  })
  expect(story.deployment.hold?.because).toContain('20 of 60')
  expect(notices).toEqual([])
  story.now += 80
  story.pass()
  expect(story.rollout).toMatchObject({
    phase: 'rolled_back',
    marks: {
      firstCandidateErrorAt: story.now - 780,
      harmDecidedAt: story.now - 80,
      zeroTrafficAt: story.now,
    },
  })
  expect(story.deployment.rolloutId).toBeNull()
})

test('given harm while paused or baking, then it is taken back all the same', () => {
  const paused = new RolloutStory().until('analysing')
  paused.pass([command('pause')])
  expect(paused.rollout.phase).toBe('paused')
  paused.traffic([60, 30], [540, 0]).pass()
  expect(paused.rollout).toMatchObject({ phase: 'aborting', cause: 'harm' })

  const baking = new RolloutStory({
    ...production,
    strategy: { kind: 'blue_green', bakeMs: 60_000 },
  }).until('baking')
  baking.traffic([200, 60], [0, 0]).pass()
  expect(baking.rollout).toMatchObject({
    phase: 'aborting',
    because: expect.stringContaining('above the limit'),
  })
  expect(baking.deployment.stable?.number).toBe(1)
})

test('given no traffic at all, then the verdict stays insufficient, and at the deadline it pauses and says so', () => {
  const story = new RolloutStory().until('paused', 1000)
  expect(story.rollout).toMatchObject({
    cause: 'insufficient',
    because: expect.stringContaining('0 candidate answers of the 100'),
  })
  expect(story.deployment.candidateBp).toBe(1000)
  expect(story.last?.notices?.[0]?.sentence).toContain('resume, promote or abort')
})

test.each([
  ['rollback', 'aborting', 'aborted'],
  ['promote', 'stepping', 'advanced_without_evidence'],
] as const)(
  'given no traffic and onInsufficient %s, then it goes %s, and the audit trail says it was without evidence',
  (onInsufficient, phase, event) => {
    const story = new RolloutStory({
      ...production,
      analysis: { ...production.analysis, onInsufficient },
    }).until('analysing')
    story.now += 60_000
    story.pass()
    expect(story.rollout.phase).toBe(phase)
    expect(story.told.at(-1)).toBe(event)
  },
)

test('given enough evidence but the hold not over, then it waits; given the hold over but too few answers of this step, too', () => {
  const story = new RolloutStory().until('analysing')
  story.traffic([5000, 0], [45_000, 0]).pass()
  expect(story.rollout.phase).toBe('analysing')
  story.until('stepping').until('analysing')
  story.now += 30_000
  story.pass()
  expect(story.rollout).toMatchObject({ phase: 'analysing', step: 1 })
})

test('given gateways that have not applied the split, then its time does not begin, and at last it is taken back', () => {
  const story = new RolloutStory().until('warming')
  story.pass()
  expect(story.rollout.phase).toBe('stepping')
  story.observes = false
  story.now += 59_000
  story.pass()
  expect(story.rollout.phase).toBe('stepping')
  story.now += 1000
  story.pass()
  expect(story.rollout).toMatchObject({ phase: 'aborting', cause: 'not_observed' })
  story.now += 30_000
  const { notices } = story.pass()
  expect(story.rollout.phase).toBe('rollback_failed')
  expect(notices?.[0]?.details).toMatchObject({ page: true })
  story.observes = true
  expect(story.until('rolled_back').deployment).toMatchObject({ candidateBp: 0, rolloutId: null })
})

test('given replicas that never become ready, then it is errored, not rolled back: no traffic ever moved', () => {
  const story = new RolloutStory()
  story.ready = false
  story.until('errored', 10_000)
  expect(story.rollout).toMatchObject({ cause: 'not_ready', marks: { movedAt: null } })
  expect(story.deployment).toMatchObject({
    stable: { number: 1 },
    candidate: null,
    rolloutId: null,
  })
})

test('given a broken split, then nobody is blamed: it pauses as invalid, and resuming does not help', () => {
  const story = new RolloutStory().until('analysing')
  story.traffic([3000, 0], [7000, 0]).pass()
  expect(story.rollout).toMatchObject({
    phase: 'paused',
    cause: 'invalid',
    because: expect.stringContaining('sample ratio'),
  })
  expect(story.pass([command('resume')]).answers?.[0]).toMatchObject({ accepted: false })
  story.pass([command('promote', 'person:olga', { reason: 'the split was our test header' })])
  expect(story.rollout.phase).toBe('promoting')
})

test('given a person who aborts, in whatever phase, then traffic goes back; a second abort is told so', () => {
  for (const phase of ['pending', 'provisioning', 'warming', 'stepping', 'analysing'] as const) {
    const story = new RolloutStory().until(phase)
    const { answers } = story.pass([
      command('pause'),
      command('abort', 'person:olga', { reason: 'wrong file' }),
    ])
    expect(answers).toHaveLength(1)
    expect(story.rollout).toMatchObject({ phase: 'aborting', because: 'wrong file' })
    expect(story.pass([command('abort')]).answers?.[0]).toMatchObject({ accepted: false })
    expect(story.rollout.phase).toBe('rolled_back')
  }
})

test('given a pause in the middle of a bake, then resuming continues it without losing time', () => {
  const story = new RolloutStory({
    ...production,
    strategy: { kind: 'recreate', bakeMs: 10_000 },
  }).until('baking')
  const begun = story.now
  story.now += 4000
  story.pass([command('pause', 'person:olga', { reason: 'lunch' })])
  story.now += 3_600_000
  story.pass([command('resume')])
  expect(story.rollout).toMatchObject({ phase: 'baking', deadlineAt: begun + 10_000 + 3_600_000 })
  story.until('completed')
  expect(story.deployment).toMatchObject({ previous: null, leaving: [{ number: 1 }] })
})

test('given a pause nobody ends, then it is taken back: no wait is for ever', () => {
  const story = new RolloutStory().until('analysing')
  story.pass([command('pause')])
  story.now += 86_400_000
  story.pass()
  expect(story.rollout).toMatchObject({ phase: 'aborting', cause: 'pause_limit' })
})

test('given a person who promotes before the analysis passed, then a reason is asked for and recorded', () => {
  const story = new RolloutStory().until('analysing')
  expect(story.pass([command('promote')]).answers?.[0]).toMatchObject({ accepted: false })
  const robot = command('promote', 'service:ci', { reason: 'nightly' })
  expect(story.pass([robot]).answers?.[0]?.because).toContain('only a person')
  story.pass([command('promote', 'person:olga', { reason: 'fire in the other region' })])
  expect(story.rollout.phase).toBe('promoting')
  expect(story.last?.event).toMatchObject({
    type: 'rollout.promoted_by_person',
    actor: 'person:olga',
    because: expect.stringContaining('fire'),
  })
})

test('given a shadow first, then the candidate answers copies until they suffice, and nobody else', () => {
  const strategy = {
    kind: 'canary',
    shadow: { mirrorBp: 5000, holdMs: 1000 },
    steps: [{ shareBp: 1000, holdMs: 0 }],
    bakeMs: 0,
  } as const
  const story = new RolloutStory({ ...production, strategy }).until('shadowing')
  expect(story.deployment).toMatchObject({ candidateBp: 0, mirrorBp: 5000 })
  story.now += 5000
  story.pass()
  expect(story.rollout.phase).toBe('shadowing')
  story.evidence = { ...noEvidence, mirror: { requests: 400, errors: 0 } }
  story.until('stepping')
  expect(story.deployment).toMatchObject({ candidateBp: 1000, mirrorBp: 0 })

  const bad = new RolloutStory({ ...production, strategy }).until('shadowing')
  bad.evidence = { ...noEvidence, mirror: { requests: 100, errors: 40 } }
  bad.until('rolled_back')
  expect(bad.rollout.marks.movedAt).toBeNull()
})

test('given the very first release, then the strategy is visibly initial: warm, everything, absolute limit, bake', () => {
  const story = new RolloutStory(production, sampleDeployment()).until('baking')
  expect(story.rollout.strategy).toEqual({ kind: 'initial', bakeMs: 10_000 })
  story.traffic([500, 0], [0, 0]).until('completed')
  expect(story.deployment).toMatchObject({ phase: 'serving', stable: two, previous: null })

  const bad = new RolloutStory(production, sampleDeployment()).until('baking')
  bad.traffic([100, 60], [0, 0]).until('rolled_back')
  expect(bad.deployment).toMatchObject({ phase: 'empty', stable: null, candidate: null })
})

test('given a bake without any traffic, then it completes and says that there was no evidence', () => {
  const story = new RolloutStory({
    ...production,
    strategy: { kind: 'blue_green', bakeMs: 1000 },
  }).until('completed')
  expect(story.rollout).toMatchObject({
    because: expect.stringContaining('evidence is insufficient'),
    verdict: { verdict: 'insufficient' },
  })
})

test('given a candidate the platform has given up on, then it is taken back at once', () => {
  const story = new RolloutStory().until('analysing')
  story.pass([], {
    replicas: { candidateReady: false, stableReady: true, failed: 'both replicas crashed 5 times' },
  })
  expect(story.rollout).toMatchObject({
    phase: 'aborting',
    because: 'both replicas crashed 5 times',
    outcome: 'rolled_back',
  })
})

test('given the same pass twice after a crash, then it decides the same', () => {
  const story = new RolloutStory().until('analysing').traffic([60, 20], [540, 1])
  const before = { rollout: story.rollout, deployment: story.deployment }
  const first = story.pass()
  Object.assign(story, before)
  expect(story.pass()).toEqual(first)
})
