// The ML Test Score of Breck et al. (2017, "The ML Test Score: A Rubric for ML Production Readiness"): 28 items in four sections.
// An item earns a point when a machine tests it again and again, half a point when it was done; a section is the sum of its items
// and the score is the least of the four. Here every point is earned by a record, never by a claim.
import type { ProjectSpec } from '../../../project/project-spec.ts'
import type { CheckResult } from '../check-result.ts'
import type { EvidenceDocument } from '../evidence-document.ts'

export type ScoreSection = 'data' | 'model' | 'infrastructure' | 'monitoring'

export interface ScoreItem {
  readonly section: ScoreSection
  /** As the paper words it, shortened. */
  readonly title: string
  readonly points: 0 | 0.5 | 1
  /** What earned them, or what would. */
  readonly because: string
}

export interface TestScore {
  readonly items: readonly ScoreItem[]
  readonly sections: Readonly<Record<ScoreSection, number>>
  /** The least of the four sections: 0 to 7. */
  readonly score: number
}

/** What is on record beside the gates. */
export interface ScoreRecords {
  readonly spec: ProjectSpec
  readonly document: EvidenceDocument | null
  /** Names of the model's inputs. */
  readonly inputs: readonly string[]
  readonly release: {
    readonly commit: string | null
    readonly dirty: boolean
    /** R0 to R4 as it was rebuilt; null when nobody tried. */
    readonly rebuilt: string | null
    readonly lockedRuntimes: number
  } | null
  readonly rollouts: { readonly completed: number; readonly rolledBack: number }
  readonly medianLeadTimeMs: number | null
}

export function mlTestScore(records: ScoreRecords): TestScore {
  const seen = checksSeen(records)
  const items = [
    ...dataItems(records, seen),
    ...modelItems(records, seen),
    ...infrastructureItems(records, seen),
    ...monitoringItems(records, seen),
  ]
  const sumOf = (section: ScoreSection) =>
    items.reduce((sum, item) => sum + (item.section === section ? item.points : 0), 0)
  const sections = {
    ...{ data: sumOf('data'), model: sumOf('model') },
    ...{ infrastructure: sumOf('infrastructure'), monitoring: sumOf('monitoring') },
  }
  return { items, sections, score: Math.min(...Object.values(sections)) }
}

interface Seen {
  /** The first check of this kind that held, as it is written; undefined when none did. */
  held(wanted: (check: CheckResult) => boolean): string | undefined
  readonly checks: readonly CheckResult[]
}

function checksSeen({ document }: ScoreRecords): Seen {
  const checks = (document?.gates ?? []).flatMap((gate) => gate.checks)
  return {
    checks,
    // What was waived or only warns lets a release through, and still did not hold.
    held: (wanted) => checks.find((one) => one.verdict === 'pass' && wanted(one))?.written,
  }
}

const kindIs =
  (...kinds: readonly string[]) =>
  ({ spec }: CheckResult) =>
    spec !== null && kinds.includes(spec.kind)
const startsWith =
  (...words: readonly string[]) =>
  ({ text }: CheckResult) =>
    words.some((word) => text.startsWith(word))

type Earned = readonly [points: ScoreItem['points'], because: string]

function one(section: ScoreSection, title: string, [points, because]: Earned): ScoreItem {
  return { section, title, points, because }
}

/** A full point for a check that held, nothing without it. */
function byCheck(written: string | undefined, wanted: string): Earned {
  return written === undefined ? [0, `no check of this held; write ${wanted}`] : [1, written]
}

function dataItems({ spec, inputs, medianLeadTimeMs }: ScoreRecords, seen: Seen): ScoreItem[] {
  const texts = seen.checks.filter(kindIs('data')).map(({ text }) => text)
  const covered = inputs.filter((name) => texts.some((text) => text.includes(name))).length
  const share = `${covered} of ${inputs.length} model inputs are named in a check of data`
  const isQuick = medianLeadTimeMs !== null && medianLeadTimeMs < 86_400_000
  const make = (title: string, earned: Earned) => one('data', title, earned)
  const costs = [startsWith('latency'), startsWith('rss', 'size')].map((want) => seen.held(want))
  const costly = costs.filter((written) => written !== undefined)
  return [
    make('feature expectations are captured in a schema', [
      covered === 0 ? 0 : covered === inputs.length ? 1 : 0.5,
      share,
    ]),
    make('every feature is beneficial', [0, 'no record: ablations are not measured']),
    make('no feature costs too much', [
      costly.length === 0 ? 0 : 0.5,
      costly.join(', ') || 'bound latency, rss and size',
    ]),
    make(
      'features adhere to meta-level requirements',
      byCheck(seen.held(startsWith('columns =')), 'columns = [the allowed ones]'),
    ),
    make('the data pipeline has privacy controls', [0, 'no record of access controls']),
    make('new features can be added quickly', [
      isQuick ? 1 : 0,
      medianLeadTimeMs === null
        ? 'no deployment yet to measure the lead time of'
        : `median lead time ${Math.round(medianLeadTimeMs / 3_600_000)} hours`,
    ]),
    make(
      'all input feature code is tested',
      byCheck(seen.held(kindIs('tests')), `tests pass (${spec.project})`),
    ),
  ]
}

function modelItems({ spec, release }: ScoreRecords, seen: Seen): ScoreItem[] {
  const make = (title: string, earned: Earned) => one('model', title, earned)
  const reviewed: Earned =
    release?.commit == null
      ? [0, 'not made from a commit']
      : release.dirty
        ? [0.5, 'made from a commit with uncommitted changes']
        : [1, `made from commit ${release.commit.slice(0, 9)}`]
  const seeds = spec.steps.filter((step) => step.seed !== null).length
  return [
    make('model specs are reviewed and submitted', reviewed),
    make('offline and online metrics correlate', [
      0,
      'no record: labels of traffic are not joined',
    ]),
    make('all hyperparameters have been tuned', [
      seen.held(kindIs('recipe')) === undefined ? 0 : 0.5,
      seen.held(kindIs('recipe')) ?? `no search on record (${seeds} steps have a seed)`,
    ]),
    make('the impact of model staleness is known', [
      spec.triggers.length > 0 ? 0.5 : 0,
      spec.triggers.length > 0 ? 'retraining is triggered' : 'nothing triggers a retraining',
    ]),
    make(
      'a simpler model is not better',
      byCheck(seen.held(startsWithBaseline), 'roc_auc > baseline(logistic)'),
    ),
    make(
      'quality is sufficient on important slices',
      byCheck(seen.held(hasSlices), 'a metric with each'),
    ),
    make(
      'the model is tested for inclusion',
      byCheck(seen.held(kindIs('gap')), 'gap(tpr) <= 0.10 by a sensitive column'),
    ),
  ]
}

const startsWithBaseline = ({ spec }: CheckResult) =>
  spec?.kind === 'metric' && spec.against.with === 'baseline'
const hasSlices = ({ spec }: CheckResult) =>
  spec?.kind === 'metric' && spec.each !== null && spec.each.length > 0

function infrastructureItems({ spec, release, rollouts }: ScoreRecords, seen: Seen): ScoreItem[] {
  const make = (title: string, earned: Earned) => one('infrastructure', title, earned)
  const level = release?.rebuilt ?? null
  const isCanary = spec.environments.some(({ strategy }) => strategy.kind === 'canary')
  return [
    make('training is reproducible', [
      level === null ? 0 : level >= 'R2' ? 1 : 0.5,
      level === null ? 'never rebuilt; lockstep rebuild' : `rebuilt at ${level}`,
    ]),
    make('model specs are unit tested', byCheck(seen.held(kindIs('tests')), 'tests pass')),
    make('the ML pipeline is integration tested', [
      seen.checks.length > 0 ? 1 : 0,
      seen.checks.length > 0 ? 'every run goes from data to gates' : 'no run has reached its gates',
    ]),
    make(
      'model quality is validated before serving',
      byCheck(seen.held(kindIs('metric')), 'a bound on a metric'),
    ),
    make('the model can be debugged step by step', [
      0.5,
      'every step keeps its log and outputs; training is not stepped through',
    ]),
    make('models are canaried before serving', [
      isCanary ? (rollouts.completed > 0 ? 1 : 0.5) : 0,
      isCanary ? `${rollouts.completed} rollouts completed` : 'no environment has a canary',
    ]),
    make('models can be rolled back', [
      rollouts.rolledBack > 0 ? 1 : 0.5,
      rollouts.rolledBack > 0
        ? `${rollouts.rolledBack} rollbacks are on record`
        : 'possible, and never done yet',
    ]),
  ]
}

function monitoringItems({ spec, release }: ScoreRecords, seen: Seen): ScoreItem[] {
  const make = (title: string, earned: Earned) => one('monitoring', title, earned)
  const watched = spec.monitors.map(({ name }) => name).join(', ')
  const schedule = spec.triggers.filter(({ on }) => on.kind !== 'alert')
  const latency = seen.held(startsWith('latency'))
  const locked = release?.lockedRuntimes ?? 0
  return [
    make('changes of dependencies are noticed', [
      locked > 0 ? 0.5 : 0,
      locked > 0 ? `${locked} runtimes are locked and part of every key` : 'no runtime is locked',
    ]),
    make('data invariants hold in training and serving', [
      watched === '' ? 0 : 1,
      watched === '' ? 'no monitor is declared' : `monitors: ${watched}`,
    ]),
    make(
      'training and serving compute the same values',
      byCheck(seen.held(startsWith('parity')), 'parity <= 1e-5'),
    ),
    make('models are not too stale', [
      schedule.length > 0 ? 1 : spec.triggers.length > 0 ? 0.5 : 0,
      spec.triggers.map(({ name }) => name).join(', ') || 'nothing triggers a retraining',
    ]),
    make(
      'the model is numerically stable',
      byCheck(seen.held(startsWith('nonfinite', 'finite', 'errors')), 'nonfinite(column) = 0'),
    ),
    make('no regression in speed, memory or latency', [
      latency === undefined ? 0 : latency.includes('champion') ? 1 : 0.5,
      latency ?? 'write latency p99 <= 1.2 * champion',
    ]),
    make('no regression in quality on served data', [
      watched === '' ? 0 : 0.5,
      watched === '' ? 'no monitor is declared' : 'scores are watched for drift, not yet labels',
    ]),
  ]
}
