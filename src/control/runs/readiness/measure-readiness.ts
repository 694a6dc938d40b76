// Operational readiness, measured on the packaged artifact in the real runtime: once for all checks, each part only when some
// check asks for it. A part that cannot be had says why and leaves the others standing.
import { sentenceOf } from '../../../foundation/errors.ts'
import { stopwatch } from '../../../foundation/system-clock.ts'
import type { ScoredColumn } from '../../../serve/runtime/score-rows.ts'
import type {
  GrowthEvidence,
  Measured,
  OperationEvidence,
  ReadinessEvidence,
} from '../../../verify/readiness/readiness-evidence.ts'
import type { ScoringReplica } from '../evaluation/scoring-replica.ts'
import { askBody, singleRows } from './ask-rows.ts'
import {
  askTogether,
  type ComparedModel,
  compareRows,
  type GoldenFiles,
  measureBadInput,
  measureCompatibility,
  measureGolden,
  repeatsOf,
} from './measure-answers.ts'
import {
  type LoadTarget,
  type LoadWorld,
  measureLoad,
  measureRatio,
  measureThroughput,
} from './measure-load.ts'
import type { ReadinessPlan } from './plan-readiness.ts'
import { readMemory } from './process-memory.ts'

export interface ReadinessRequest extends LoadWorld {
  readonly plan: ReadinessPlan
  /** Loaded, and it has scored the holdout. */
  readonly replica: ScoringReplica
  readonly columns: readonly ScoredColumn[]
  /** Of the holdout's table, and which of them is the label. */
  readonly declaredColumns: () => Promise<readonly string[]>
  readonly label: string
  /** The output that holds the scores. */
  readonly scoreOutput: string
  readonly sizeBytes: number
  /** The candidate in a fresh process. */
  readonly open: () => Promise<ScoringReplica>
  /** The champion, with the holdout as its signature reads it; null before the first promotion. */
  readonly champion: {
    readonly release: string
    readonly open: () => Promise<ComparedModel>
  } | null
  readonly golden: GoldenFiles
  readonly operation: () => Promise<OperationEvidence>
}

/** Rows that are sent in turn under load. */
const loadRows = 100

export async function measureReadiness(request: ReadinessRequest): Promise<ReadinessEvidence> {
  const { plan, replica, sizeBytes } = request
  const { asks } = plan
  const loads = await part(request, plan.loads.length > 0, () =>
    inTurn(plan.loads, (load) => measureLoad(targetOf(request), load, request)),
  )
  const throughput = await part(request, plan.throughput.length > 0, () =>
    inTurn(plan.throughput, (one) => measureThroughput(targetOf(request), one, request)),
  )
  const growth = await part(request, asks.has('growth'), () => measureGrowth(request))
  const answers = await part(
    request,
    asks.has('signature') || asks.has('parity') || asks.has('deterministic'),
    () => compareRows(replica, request.columns),
  )
  const golden = await inTurn(plan.goldenFiles, async (file) => {
    const measured = await part(request, true, () =>
      measureGolden({ replica, columns: request.columns }, file, request.golden),
    )
    return [file, measured ?? { unmeasured: 'it was not asked for' }] as const
  })
  // Last on this process, after everything that could drive it up.
  const peakRssBytes = await part(request, asks.has('rss'), () => peakMemory(replica))
  const besideChampion = await championParts(request)
  const fresh = await freshParts(request, answers)
  const operation =
    asks.has('owner') || asks.has('runbook') || asks.has('monitored') || asks.has('rehearsed')
      ? await request.operation()
      : undefined
  return {
    loadMs: replica.loadMs,
    sizeBytes,
    ...present({ loads, throughput, growth, peakRssBytes, operation }),
    ...(answers === undefined ? {} : await answerParts(request, answers)),
    ...(golden.length === 0 ? {} : { golden: new Map(golden) }),
    ...besideChampion,
    ...fresh,
  }
}

type Answers = Measured<Awaited<ReturnType<typeof compareRows>>>

async function answerParts(
  { replica, declaredColumns, label }: ReadinessRequest,
  answers: Answers,
): Promise<Pick<ReadinessEvidence, 'signature' | 'batchParity'>> {
  if ('unmeasured' in answers) return { signature: answers, batchParity: answers }
  const [, batch] = repeatsOf(answers, undefined)
  return {
    signature: {
      inputs: replica.signature.inputs.map(({ name }) => name),
      declaredColumns: await declaredColumns(),
      label,
      faults: answers.faults,
      answers: answers.rows + 1,
    },
    ...(batch === undefined ? {} : { batchParity: batch.difference }),
  }
}

/** What needs the champion alive beside the candidate. */
async function championParts(
  request: ReadinessRequest,
): Promise<Pick<ReadinessEvidence, 'compatibility' | 'ratio'>> {
  const { plan, champion, replica, columns, scoreOutput } = request
  const asksFor = plan.asks.has('compatible') || plan.ratio !== null
  if (!asksFor) return {}
  if (champion === null) return { compatibility: 'none', ratio: 'none' }
  const { release } = champion
  const opened = await part(request, true, champion.open)
  if (opened === undefined || 'unmeasured' in opened) {
    const because = opened?.unmeasured ?? 'it was not opened'
    const unmeasured = { unmeasured: `the champion ${release} cannot be asked: ${because}` }
    return { compatibility: unmeasured, ratio: unmeasured }
  }
  try {
    const compatibility = await part(request, plan.asks.has('compatible'), () =>
      measureCompatibility({ replica, columns }, { ...opened, release }, scoreOutput),
    )
    const { ratio: load } = plan
    const ratio =
      load === null
        ? undefined
        : await part(request, true, () =>
            measureRatio(targetOf(request), { ...targetOf(opened), release }, load, request),
          )
    return present({ compatibility, ratio })
  } finally {
    await opened.replica.stop()
  }
}

/** What needs fresh processes: cold starts, answers after a restart, and bad input that a process may not survive. */
async function freshParts(
  request: ReadinessRequest,
  answers: Answers | undefined,
): Promise<Pick<ReadinessEvidence, 'coldStartMs' | 'determinism' | 'badInput'>> {
  const { plan, columns } = request
  const asksRepeats = plan.asks.has('deterministic')
  const needsOne = asksRepeats || plan.asks.has('bad_input')
  const starts = Math.max(plan.starts, needsOne ? 1 : 0)
  const coldStartMs: number[] = []
  let last: ScoringReplica | undefined
  try {
    const started = await part(request, starts > 0, async () => {
      for (let at = 0; at < starts; at++) {
        await last?.stop()
        last = undefined
        const elapsed = stopwatch()
        last = await request.open()
        const [body] = singleRows(last.signature, columns, 1)
        if (body !== undefined) await askBody(last.client, body)
        coldStartMs.push(elapsed())
      }
      return Float64Array.from(coldStartMs)
    })
    const fresh = last
    const determinism = await part(request, asksRepeats && answers !== undefined, async () => {
      if (answers === undefined || 'unmeasured' in answers)
        throw new Error(answers?.unmeasured ?? 'no rows were asked')
      if (fresh === undefined) throw new Error(notStarted(started))
      return repeatsOf(answers, await askTogether(fresh, columns, answers.rows))
    })
    const badInput = await part(request, plan.asks.has('bad_input'), async () => {
      if (fresh === undefined) throw new Error(notStarted(started))
      return measureBadInput(fresh, columns)
    })
    return present({
      coldStartMs: plan.starts > 0 ? started : undefined,
      determinism,
      badInput,
    })
  } finally {
    await last?.stop()
  }
}

function notStarted(started: Measured<Float64Array> | undefined): string {
  const reason = started !== undefined && 'unmeasured' in started ? `: ${started.unmeasured}` : ''
  return `no fresh process could be started${reason}`
}

async function peakMemory({ processId }: ScoringReplica): Promise<Measured<number>> {
  return (await readMemory(processId, 'VmHWM')) ?? noMemory
}

const noMemory = {
  unmeasured:
    'this system does not tell the memory of another process (there is no /proc/…/status)',
}

const growthReadings = 20

async function measureGrowth(request: ReadinessRequest): Promise<Measured<GrowthEvidence>> {
  const { plan, replica } = request
  const rssBytes: number[] = []
  let requests = 0
  for (let reading = 0; reading < growthReadings; reading++) {
    const durationMs = plan.growthMs / growthReadings
    const { answered } = await measureThroughput(
      targetOf(request),
      { concurrency: 16, durationMs },
      request,
    )
    requests += answered.reduce((sum, one) => sum + one, 0)
    const now = await readMemory(replica.processId, 'VmRSS')
    if (now === null) return noMemory
    rssBytes.push(now)
  }
  return { rssBytes, requests }
}

function targetOf({ replica, columns }: ComparedModel): LoadTarget {
  return { client: replica.client, bodies: singleRows(replica.signature, columns, loadRows) }
}

/** Undefined when nobody asks. Whatever goes wrong in it is its own and no other part's. */
async function part<T>(
  { signal }: LoadWorld,
  isAsked: boolean,
  measure: () => Promise<T>,
): Promise<T | { readonly unmeasured: string } | undefined> {
  if (!isAsked) return undefined
  try {
    return await measure()
  } catch (error) {
    if (signal.aborted) throw error
    return { unmeasured: sentenceOf(error) }
  }
}

async function inTurn<T, R>(items: readonly T[], measure: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (const item of items) results.push(await measure(item))
  return results
}

/** Without what is undefined. */
function present<T extends object>(parts: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>
  }
}
