// OpenLineage run events (spec 2-0-2) of a run and its steps: START and the end of each, with the versions of what went in and came out.
import { toIso } from '../../foundation/clock.ts'
import { isEnded, type Run, type StepRecord } from '../runs/run.ts'
import { namedUuid } from './named-uuid.ts'
import type { RecordFacts } from './record-facts.ts'

const spec = 'https://openlineage.io/spec'
const facets = {
  version: 'facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet',
  schema: 'facets/1-2-0/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet',
  parent: 'facets/1-2-0/ParentRunFacet.json#/$defs/ParentRunFacet',
  jobType: 'facets/2-0-4/JobTypeJobFacet.json#/$defs/JobTypeJobFacet',
  engine: 'facets/1-1-1/ProcessingEngineRunFacet.json#/$defs/ProcessingEngineRunFacet',
  error: 'facets/1-0-1/ErrorMessageRunFacet.json#/$defs/ErrorMessageRunFacet',
  output:
    'facets/1-0-2/OutputStatisticsOutputDatasetFacet.json#/$defs/OutputStatisticsOutputDatasetFacet',
} as const

type Json = Readonly<Record<string, unknown>>
type EventType = 'START' | 'COMPLETE' | 'FAIL' | 'ABORT'

const runEnds: Readonly<Record<string, EventType>> = {
  succeeded: 'COMPLETE',
  unchanged: 'COMPLETE',
  failed: 'FAIL',
  errored: 'FAIL',
  timed_out: 'FAIL',
  cancelled: 'ABORT',
  superseded: 'ABORT',
}

const stepEnds: Readonly<Record<string, EventType>> = {
  hit: 'COMPLETE',
  ran: 'COMPLETE',
  failed: 'FAIL',
  timed_out: 'FAIL',
  cancelled: 'ABORT',
}

export function openLineageOf(facts: RecordFacts, run: Run): Json[] {
  const job = pipelineName(facts)
  const whole = {
    name: job,
    type: 'PIPELINE',
    runId: namedUuid(`lockstep:${run.id}`),
    facets: { processing_engine: facet('engine', { name: 'Lockstep', version: versionOf(facts) }) },
    ...runData(facts),
  }
  const end = isEnded(run) ? runEnds[run.phase] : undefined
  return [
    event(facts, whole, 'START', run.createdAt),
    ...run.steps.flatMap((step) => stepEvents(facts, run, step)),
    ...(end && isEnded(run)
      ? [event(facts, failing(whole, end, run.because), end, run.finishedAt)]
      : []),
  ].sort((a, b) => (String(a.eventTime) < String(b.eventTime) ? -1 : 1))
}

function stepEvents(facts: RecordFacts, run: Run, step: StepRecord): Json[] {
  const end = stepEnds[step.verdict]
  if (step.startedAt === null || step.finishedAt === null || end === undefined) return []
  const parent = {
    run: { runId: namedUuid(`lockstep:${run.id}`) },
    job: { namespace: namespaceOf(facts), name: pipelineName(facts) },
  }
  const known = facts.steps.get(step.name)
  const one = {
    name: `${pipelineName(facts)}.${step.name}`,
    type: 'STEP',
    runId: namedUuid(`lockstep:${run.id}/${step.name}`),
    facets: { parent: facet('parent', parent) },
    inputs: (known?.document.inputs ?? []).map(({ path, digest }) =>
      dataset(facts, path, { version: facet('version', { datasetVersion: digest }) }),
    ),
    outputs: (known?.outputs ?? []).map(({ path, digest, size }) => ({
      ...dataset(facts, path, { version: facet('version', { datasetVersion: digest }) }),
      outputFacets: { outputStatistics: facet('output', { size }) },
    })),
  }
  return [
    event(facts, one, 'START', step.startedAt),
    event(facts, failing(one, end, step.because), end, step.finishedAt),
  ]
}

/** The declared datasets with their schema, and the model. */
function runData(facts: RecordFacts): { readonly inputs: Json[]; readonly outputs: Json[] } {
  if (!facts.release) return { inputs: [], outputs: [] }
  const { datasets, manifest } = facts.release
  const { path, digest, size } = manifest.artifact
  return {
    inputs: datasets.map(({ name, version, schema }) =>
      dataset(facts, name, {
        version: facet('version', { datasetVersion: version }),
        schema: facet('schema', { fields: schema }),
      }),
    ),
    outputs: [
      {
        ...dataset(facts, path, { version: facet('version', { datasetVersion: digest }) }),
        outputFacets: { outputStatistics: facet('output', { size }) },
      },
    ],
  }
}

interface Work {
  readonly name: string
  readonly type: string
  readonly runId: string
  readonly facets: Json
  readonly inputs: readonly Json[]
  readonly outputs: readonly Json[]
}

function event(facts: RecordFacts, work: Work, eventType: EventType, at: number): Json {
  const jobType = { processingType: 'BATCH', integration: 'LOCKSTEP', jobType: work.type }
  return {
    eventType,
    eventTime: toIso(at),
    run: { runId: work.runId, facets: work.facets },
    job: {
      namespace: namespaceOf(facts),
      name: work.name,
      facets: { jobType: facet('jobType', jobType) },
    },
    inputs: work.inputs,
    // What was not made yet is no output of a start.
    outputs: eventType === 'START' ? [] : work.outputs,
    producer,
    schemaURL: `${spec}/2-0-2/OpenLineage.json#/$defs/RunEvent`,
  }
}

function failing(work: Work, end: EventType, because: string): Work {
  if (end !== 'FAIL') return work
  const errorMessage = facet('error', { message: because, programmingLanguage: 'unknown' })
  return { ...work, facets: { ...work.facets, errorMessage } }
}

const producer = 'urn:lockstep'

function facet(kind: keyof typeof facets, content: Json): Json {
  return { _producer: producer, _schemaURL: `${spec}/${facets[kind]}`, ...content }
}

function dataset(facts: RecordFacts, name: string, given: Json): Json {
  return { namespace: namespaceOf(facts), name, facets: given }
}

function namespaceOf({ project }: RecordFacts): string {
  return `lockstep://${project}`
}

function pipelineName({ model }: RecordFacts): string {
  return model
}

function versionOf({ release }: RecordFacts): string {
  return release?.manifest.environment.lockstep ?? 'unknown'
}
