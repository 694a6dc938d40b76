// The life of a watch: windows that agree, one alert per model, hysteresis, a new release that ends it, and people's marks.
import { describe, expect, test } from 'vitest'
import type { MonitorSpec } from '../../project/watch-spec.ts'
import { checkTransition, type Draft, type Intent, type StoredObject } from '../../store/object.ts'
import type { JudgedColumn } from '../drift/judge-columns.ts'
import type { WindowDrift } from '../drift/window-drift.ts'
import { type Alert, alertKind } from './alert.ts'
import { decideAlert } from './decide-alert.ts'
import { decideMonitor, type SeenOfMonitor } from './decide-monitor.ts'
import { createMonitor, type Monitor, monitorKind } from './monitor.ts'

const spec: MonitorSpec = {
  name: 'inputs',
  kind: 'drift',
  environment: 'production',
  columns: [],
  minRows: 500,
  everyMs: 60_000,
  windowMs: 3_600_000,
  psi: 0.1,
  falseDiscovery: 0.05,
  persistence: 2,
}

function column(name: string, excess: number, verdict?: JudgedColumn['verdict']): JudgedColumn {
  return {
    column: name,
    referenceRows: 10_000,
    liveRows: 1000,
    psi: excess + 0.02,
    psiNoise: 0.02,
    pValue: 0,
    jsDistance: 0.2,
    lInfinity: 0.2,
    missingChange: 0,
    unseenShare: 0,
    movers: [
      {
        label: '60–90',
        referenceShare: 0.04,
        liveShare: 0.31,
        contribution: 0.5,
        sentence: `${name} 60–90: 4 % → 31 %`,
      },
    ],
    adjustedPValue: 0,
    excess,
    verdict: verdict ?? (excess >= 0.1 ? 'drifted' : 'stable'),
  }
}

let rowsServed = 0
function look(...columns: readonly JudgedColumn[]): WindowDrift {
  rowsServed++
  const seen = { rows: 1000, newestAt: rowsServed, columns, notCompared: [] }
  return { releaseId: 'rel_1', since: 0, ...seen }
}

const age = column('age', 0.9)
const weeks = column('weeks', 0.3)
const calm = column('age', 0.01)

/** A monitor and its model's alert, kept as the store would keep them. */
class Watch {
  monitor: Monitor
  alert: Alert | null = null
  readonly notices: string[] = []
  now = 1000

  readonly spec: MonitorSpec

  constructor(spec: MonitorSpec) {
    this.spec = spec
    const draft = createMonitor({ id: `mon_${spec.name}`, model: 'income', spec, now: 0 })
    this.monitor = stored<Monitor>(draft, null)
    this.see({ look: null })
  }

  see(change: Partial<SeenOfMonitor>): string {
    this.now += 60_000
    const openAlert =
      this.alert && alertKind.transitions[this.alert.phase].length > 0 ? this.alert : null
    const seen: SeenOfMonitor = {
      spec: this.spec,
      releaseId: 'rel_1',
      look: null,
      candidateLook: null,
      openAlert,
      newAlertId: `alr_${this.now}`,
      ...change,
    }
    const decision = decideMonitor(this.monitor, seen, this.now)
    checkTransition(monitorKind, this.monitor.phase, decision.next.phase)
    this.monitor = stored<Monitor>(decision.next, this.monitor)
    for (const { object, expect: revision } of decision.also ?? []) {
      const draft = object as unknown as Draft<Alert>
      expect(revision).toBe(openAlert?.revision ?? null)
      if (openAlert) checkTransition(alertKind, openAlert.phase, draft.phase)
      this.alert = stored<Alert>(draft, openAlert)
    }
    for (const { topic } of decision.notices ?? []) this.notices.push(topic)
    return `${this.monitor.phase} ${this.monitor.finding?.verdict} ${this.alert?.phase}`
  }
}

function stored<T extends StoredObject>(draft: object, before: StoredObject | null): T {
  const stamps = { revision: (before?.revision ?? 0) + 1, createdAt: 0, updatedAt: 0 }
  return { ...draft, ...stamps } as unknown as T
}

describe('a monitor', () => {
  test('fires one alert after two windows that agree, with ranked causes in words', () => {
    const watch = new Watch(spec)
    expect(watch.see({ look: look(calm) })).toBe('watching stable undefined')
    expect(watch.see({ look: look(weeks, age) })).toBe('alerting drifted pending')
    expect(watch.notices).toEqual([])
    expect(watch.see({ look: look(weeks, age) })).toBe('alerting drifted firing')
    expect(watch.notices).toEqual(['alert.fired'])
    expect(watch.alert?.causes.map((cause) => cause.column)).toEqual(['age', 'weeks'])
    expect(watch.alert?.sentence).toBe(
      'live traffic of income in production no longer looks like the data of the release that serves it: 2 columns drifted, most of all age (PSI 0.90 beyond noise; age 60–90: 4 % → 31 %), weeks (PSI 0.30 beyond noise; weeks 60–90: 4 % → 31 %)',
    )
    expect(watch.alert?.fingerprint).toBe('rel_1:age,weeks')
    const { id } = watch.alert ?? {}
    watch.see({ look: look(age) })
    expect(watch.alert).toMatchObject({ id, phase: 'firing', fingerprint: 'rel_1:age' })
    expect(watch.notices).toEqual(['alert.fired'])
  })

  test('drops what does not persist', () => {
    const watch = new Watch(spec)
    watch.see({ look: look(age) })
    expect(watch.see({ look: look(calm) })).toBe('watching stable dropped')
    expect(watch.notices).toEqual([])
  })

  test('does not count the same rows twice', () => {
    const watch = new Watch(spec)
    const same = look(age)
    watch.see({ look: same })
    expect(watch.see({ look: same })).toBe('alerting drifted pending')
    expect(watch.see({ look: look(age) })).toBe('alerting drifted firing')
  })

  test('says insufficient, never stable, without enough rows; and errored when it cannot look', () => {
    const watch = new Watch(spec)
    watch.see({ look: look(age) })
    expect(watch.see({ look: look(column('age', 0.9, 'insufficient')) })).toBe(
      'alerting insufficient pending',
    )
    expect(watch.monitor.finding?.because).toContain('500 are needed on both sides')
    expect(watch.see({ look: { failed: 'the disk is gone' } })).toBe('alerting errored pending')
    expect(watch.see({ look: look(age) })).toBe('alerting drifted firing')
  })

  test('clears only well below the limit, and only when that persists', () => {
    const watch = new Watch({ ...spec, persistence: 2 })
    watch.see({ look: look(age) })
    watch.see({ look: look(age) })
    const near = column('age', 0.07)
    for (let window = 0; window < 4; window++) {
      expect(watch.see({ look: look(near) })).toBe('alerting stable firing')
    }
    expect(watch.see({ look: look(calm) })).toBe('alerting stable firing')
    expect(watch.see({ look: look(calm) })).toBe('watching stable resolved')
    expect(watch.notices).toEqual(['alert.fired', 'alert.resolved'])
  })

  test('with persistence 1 fires at once', () => {
    const watch = new Watch({ ...spec, persistence: 1 })
    expect(watch.see({ look: look(age) })).toBe('alerting drifted firing')
  })

  test('a new release brings its own reference and ends the alert', () => {
    const watch = new Watch(spec)
    watch.see({ look: look(age) })
    watch.see({ look: look(age) })
    expect(watch.see({ releaseId: 'rel_3', look: look(age) })).toBe('watching undefined resolved')
    expect(watch.alert).toMatchObject({
      closedBecause: 'rel_3 is installed and brings its own reference',
    })
    expect(watch.monitor).toMatchObject({ referenceReleaseId: 'rel_3', driftedWindows: 0 })
  })

  test('two monitors of a model share one alert, which ends with the last of them', () => {
    const inputs = new Watch({ ...spec, persistence: 1 })
    const scores = new Watch({ ...spec, name: 'scores', persistence: 1 })
    inputs.see({ look: look(age) })
    scores.alert = inputs.alert
    scores.see({ look: look(column('score', 2)) })
    expect(scores.alert).toMatchObject({ id: inputs.alert?.id, phase: 'firing' })
    expect(scores.alert?.causes.map(({ column: name }) => name)).toEqual(['score', 'age'])
    expect(scores.notices).toEqual([])
    inputs.alert = scores.alert
    expect(inputs.see({ look: look(calm) })).toBe('watching stable firing')
    scores.alert = inputs.alert
    expect(scores.see({ look: look(column('score', 0)) })).toBe('watching stable resolved')
  })

  test('during a rollout it tells a changed world from a faulty candidate', () => {
    const watch = new Watch(spec)
    watch.see({ look: look(age), candidateLook: look(age) })
    expect(watch.monitor.finding?.because).toContain('so the world changed and not the release')
    watch.see({ look: look(calm), candidateLook: look(column('score', 2)) })
    expect(watch.monitor.finding).toMatchObject({ verdict: 'stable' })
    expect(watch.monitor.finding?.because).toContain('so the release is the cause')
  })

  test('retires when it is no longer declared, and takes its alert along', () => {
    const watch = new Watch({ ...spec, persistence: 1 })
    watch.see({ look: look(age) })
    expect(watch.see({ spec: null })).toBe('retired drifted resolved')
    expect(watch.monitor.wakeAt).toBeNull()
    expect(watch.see({ spec: null })).toBe('retired drifted resolved')
  })

  test('says so when nothing serves', () => {
    const watch = new Watch(spec)
    watch.see({ releaseId: null })
    watch.see({ releaseId: null })
    expect(watch.monitor.finding).toMatchObject({
      verdict: 'insufficient',
      because: expect.stringContaining('no release with a reference profile serves in production'),
    })
  })
})

describe('an alert', () => {
  const firing = () => {
    const watch = new Watch({ ...spec, persistence: 1 })
    watch.see({ look: look(age) })
    if (!watch.alert) throw new Error('no alert')
    return { watch, alert: watch.alert }
  }
  const intent = (command: string, payload = {}): Intent => ({
    id: 'int_1',
    kind: 'alert',
    objectId: 'alr_1',
    command,
    actor: 'person:olga',
    reason: 'known campaign',
    payload,
    writtenAt: 0,
  })

  test('is acknowledged by a person, and keeps that mark while the monitor looks on', () => {
    const { watch, alert } = firing()
    const decision = decideAlert(alert, { intents: [intent('acknowledge')] }, 0)
    expect(decision.next).toMatchObject({ phase: 'acknowledged', acknowledgedBy: 'person:olga' })
    expect(decision.event?.because).toBe('person:olga has seen it: known campaign')
    watch.alert = stored<Alert>(decision.next, alert)
    expect(watch.see({ look: look(age, weeks) })).toBe('alerting drifted acknowledged')
    expect(watch.alert).toMatchObject({ acknowledgedBy: 'person:olga' })
    watch.see({ look: look(calm) })
    expect(watch.alert).toMatchObject({ phase: 'resolved' })
    expect(watch.alert).not.toHaveProperty('acknowledgedBy')
  })

  test('is snoozed until a time, and then fires again', () => {
    const { alert } = firing()
    const snoozed = decideAlert(alert, { intents: [intent('snooze', { until: 5000 })] }, 1000)
    expect(snoozed.next).toMatchObject({ phase: 'snoozed', wakeAt: 5000 })
    const later = stored<Alert>(snoozed.next, alert)
    expect(decideAlert(later, { intents: [] }, 4999).next.phase).toBe('snoozed')
    const again = decideAlert(later, { intents: [] }, 5000)
    expect(again.next).toMatchObject({ phase: 'firing', wakeAt: null })
    expect(again.next).not.toHaveProperty('until')
  })

  test.each([
    ['snooze', {}, /say until when/],
    ['delete', {}, /allowed are acknowledge, snooze/],
  ])('%s %j is answered no, with what is allowed', (command, payload, sentence) => {
    const decision = decideAlert(firing().alert, { intents: [intent(command, payload)] }, 1000)
    expect(decision.next.phase).toBe('firing')
    expect(decision.answers).toMatchObject([
      { accepted: false, because: expect.stringMatching(sentence) },
    ])
  })
})
