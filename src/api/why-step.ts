// `why STEP`: what a run started now would do with it, as the difference of two stored key documents in words; of a
// declaration that several steps were made from, a summary.
import { differingOutputs } from '../build/pipeline/action-cache.ts'
import { recentActions } from '../build/pipeline/action-cache-store.ts'
import { divergencesOf } from '../build/pipeline/divergences-store.ts'
import { explainKeys, type KnownTrees } from '../build/pipeline/explain-keys.ts'
import { didYouMean } from '../build/pipeline/nearest-name.ts'
import { planPipeline, type StepPlan } from '../build/pipeline/plan.ts'
import type { StepKeyDocument } from '../build/pipeline/step-key.ts'
import { namesMeant } from '../build/pipeline/step-names.ts'
import { asksNothing, planRequestOf } from '../control/runs/plan-request.ts'
import { type Run, runKind } from '../control/runs/run.ts'
import { toIso } from '../foundation/clock.ts'
import { type Digest, shortDigest } from '../foundation/digest.ts'
import { LockstepError } from '../foundation/errors.ts'
import type { StepSpec } from '../project/step-spec.ts'
import type { ApiWorld } from './api-world.ts'
import type { WhyView } from './contract/views.ts'
import { modelOf } from './queries.ts'

type Plans = ReadonlyMap<string, StepPlan>

export async function whyStep(world: ApiWorld, asked: string): Promise<WhyView> {
  const inputs = await world.resolveInputs()
  const { steps } = inputs.project.spec
  const names = namesMeant(steps, [asked])
  const [only] = names
  if (!steps.some((step) => step.name === only)) throw unknownStep(asked, steps)
  const request = planRequestOf(world.runWorld(), inputs, asksNothing)
  const plans: Plans = new Map((await planPipeline(request)).map((plan) => [plan.name, plan]))
  return names.length === 1 && only !== undefined
    ? whyOne(world, only, plans)
    : summary(asked, names, plans)
}

async function whyOne(world: ApiWorld, name: string, plans: Plans): Promise<WhyView> {
  const plan = plans.get(name)
  const [latest, before] = await recentActions(world.db, name, 2)
  const runs = await world.store.list<Run>(runKind, { model: modelOf(world), limit: 20 })
  const key = plan && 'key' in plan ? plan.key : (latest?.key ?? null)
  const last = latest && before ? await difference(world, before.document, latest.document) : []
  const document = plan && 'document' in plan ? plan.document : null
  const inRun = recorded(name, runs)
  const isSaid = last.every((one) => inRun.some((sentence) => sentence.includes(one)))
  return {
    subject: `step:${name}`,
    answer: plan ? `${name} ${verb(plan)}: ${plan.because}` : `${name} is not planned`,
    sentences: [
      ...reasons(plan, plans),
      ...inRun,
      ...(!isSaid ? [`its newest result differs from the one before: ${last.join('; ')}`] : []),
      ...(key === null ? [] : await diverged(world, key)),
    ],
    next: [plan?.decision === 'hit' ? `lockstep run --force-step ${name}` : 'lockstep run'],
    documents: { now: document, before: newestOther(key, [latest, before])?.document ?? null },
  }
}

function newestOther<T extends { readonly key: Digest }>(
  key: Digest | null,
  records: readonly (T | undefined)[],
): T | undefined {
  return records.find((record) => record !== undefined && record.key !== key)
}

function verb(plan: StepPlan): string {
  if (plan.decision === 'hit') return 'would not run again'
  return plan.decision === 'run' ? 'would run' : 'waits for the steps before it'
}

/** Every difference; of a step that waits, what makes those before it run. */
function reasons(plan: StepPlan | undefined, plans: Plans): string[] {
  if (plan === undefined || plan.decision === 'hit') return []
  if (plan.decision === 'run') return plan.changes.length > 1 ? [...plan.changes] : []
  return rootsOf(plan.name, plans).map((root) => `${root.name} would run: ${root.because}`)
}

const mostRoots = 10

function rootsOf(name: string, plans: Plans): StepPlan[] {
  const seen = new Set<string>()
  const roots: StepPlan[] = []
  const open = [name]
  for (let next = open.pop(); next !== undefined && roots.length < mostRoots; next = open.pop()) {
    const plan = plans.get(next)
    if (plan === undefined || seen.has(next)) continue
    seen.add(next)
    if (plan.decision === 'waits_for') open.push(...plan.waitsFor)
    else roots.push(plan)
  }
  return roots
}

function recorded(name: string, runs: readonly Run[]): string[] {
  for (const run of runs) {
    const step = run.steps.find((one) => one.name === name && one.verdict !== 'waiting')
    if (step) return [`in run ${run.number} it ${verdictWords[step.verdict]}: ${step.because}`]
  }
  return []
}

const verdictWords: Readonly<Record<Run['steps'][number]['verdict'], string>> = {
  waiting: 'was not reached',
  running: 'is running',
  hit: 'was known',
  ran: 'ran',
  failed: 'failed',
  timed_out: 'ran into its timeout',
  cancelled: 'was cancelled',
  blocked: 'was blocked',
}

async function difference(
  world: ApiWorld,
  before: StepKeyDocument,
  after: StepKeyDocument,
): Promise<string[]> {
  const trees = new Map<Digest, Awaited<ReturnType<typeof world.content.readTree>>>()
  for (const input of [...before.inputs, ...after.inputs]) {
    if (input.kind === 'file' || trees.has(input.digest)) continue
    const entries = await world.content.readTree(input.digest).catch(() => undefined)
    if (entries !== undefined) trees.set(input.digest, entries)
  }
  return explainKeys(before, after, trees satisfies KnownTrees)
}

/** The same inputs gave something else: no key can explain that. */
async function diverged(world: ApiWorld, key: Digest): Promise<string[]> {
  const [seen, record] = [await divergencesOf(world.db, key), await world.actions.find(key)]
  const [newest] = seen
  if (!newest || !record) return []
  const outputs = differingOutputs(newest.outputs, record.outputs).map((path) => {
    const [counts, other] = [record.outputs, newest.outputs].map(
      (list) => list.find((output) => output.path === path)?.digest,
    )
    return `${path} (${counts ? shortDigest(counts) : 'nothing'} counts, ${other ? shortDigest(other) : 'nothing'} came out)`
  })
  const times = seen.length === 1 ? 'once' : `${seen.length} times`
  return [
    `it is not deterministic: the same inputs gave another ${outputs.join(', ')} ${times}, last at ${toIso(newest.seenAt)}; the first result counts`,
  ]
}

function summary(asked: string, names: readonly string[], plans: Plans): WhyView {
  const own = names.flatMap((name) => plans.get(name) ?? [])
  const count = (decision: StepPlan['decision']) =>
    own.filter((plan) => plan.decision === decision).length
  const [hits, runs, waits] = [count('hit'), count('run'), count('waits_for')]
  const parts = [
    ...(runs > 0 ? [`${runs} would run`] : []),
    ...(waits > 0 ? [`${waits} wait for steps before them`] : []),
    ...(hits > 0 ? [`${hits} would not run again`] : []),
  ]
  const groups = new Map<string, string[]>()
  for (const plan of own) {
    const because = plan.decision === 'hit' ? 'nothing changed' : plan.because
    const sentence = `${verb(plan)}: ${because}`
    groups.set(sentence, [...(groups.get(sentence) ?? []), plan.name])
  }
  return {
    subject: `step:${asked}`,
    answer: `${asked} is ${own.length} steps: ${parts.join(', ')}`,
    sentences: [...groups].map(([sentence, members]) => `${namedShort(members)} ${sentence}`),
    next: [`lockstep why ${names[0]}`],
    documents: Object.fromEntries(
      own.map((plan) => [plan.name, 'document' in plan ? plan.document : null]),
    ),
  }
}

function namedShort(names: readonly string[]): string {
  const shown = names.slice(0, 3).join(', ')
  return names.length > 3 ? `${shown} and ${names.length - 3} more` : shown
}

function unknownStep(asked: string, steps: readonly StepSpec[]): LockstepError {
  const declared = [...new Set(steps.map((step) => step.declaredAs))]
  const known = [...declared, ...steps.map((step) => step.name)]
  return new LockstepError({
    code: 'api.not_found',
    kind: 'not_found',
    message: `there is no step '${asked}'${didYouMean(asked, known)}; steps: ${declared.join(', ')}`,
  })
}
