// Chapters 1 and 4: what runs do, what the cache spares, and what a gate refuses.

import type { ReleaseView } from '../api/contract/views.ts'
import { stopwatch } from '../foundation/system-clock.ts'
import { releaseOf, runToEnd, type StoryWorld, sayRun } from './story-world.ts'

/** Chapter 1: the first run, and the run that does nothing. */
export async function firstRelease(world: StoryWorld): Promise<ReleaseView> {
  const { narrator } = world
  narrator.say(
    '149 643 people of the US census survey of 1994, real rows; label: income over 50 000',
  )
  narrator.command('lockstep run')
  const first = await runToEnd(world, 'dana', 'first model')
  sayRun(world, first)
  narrator.check(`run ${first.number} succeeded: ${first.because}`, first.phase === 'succeeded')
  const elapsed = stopwatch()
  narrator.command('lockstep run')
  const again = await runToEnd(world, 'dana', 'again, nothing changed')
  const seconds = elapsed() / 1000
  narrator.check(
    `a second run does nothing and says so in ${seconds.toFixed(2)} s: ${again.because}`,
    again.phase === 'unchanged' && seconds < 1,
  )
  return releaseOf(world, first)
}

/** Columns that make the model more accurate and less fair: family status stands in for sex. */
const tempting =
  'marital_status, household_summary, tax_filer_status, class_of_worker, major_industry, own_business, union_member, capital_losses, wage_per_hour'

export async function unfairCandidate(world: StoryWorld): Promise<void> {
  const { narrator, stage, summary } = world
  narrator.say('dana adds nine columns about family and work: the model gets more accurate')
  const before = await currentParameters(stage)
  await stage.edit('params.yaml', (text) =>
    text.replace(/columns: \[(.*?)\]/, `columns: [$1, ${tempting}]`),
  )
  const why = await stage.as('dana').why({ subject: 'step:train' })
  narrator.command('lockstep why train')
  narrator.say(why.answer)
  const run = await runToEnd(world, 'dana', 'more columns')
  sayRun(world, run)
  const cached = run.steps.filter((step) => step.verdict === 'hit').length
  narrator.check(
    `only training ran again: ${cached} of ${run.steps.length} steps came from the cache`,
    cached === run.steps.length - 1,
  )
  const auc = run.gates
    .flatMap((gate) => gate.checks)
    .find((check) => check.text.startsWith('roc_auc >= champion'))
  if (auc) narrator.say(`  ${auc.verdict.padEnd(7)} ${auc.because}`)
  const refused = run.gates.flatMap((gate) => gate.checks).find((check) => check.verdict === 'fail')
  narrator.check(
    `blocked by the fairness gate: ${refused?.because ?? run.because}`,
    run.phase === 'failed' && (refused?.id.includes('gap') ?? false),
  )
  narrator.check('no release was made of it', run.release === null)
  summary.blocked.push({ run: run.number, because: refused?.because ?? run.because })
  await stage.edit('params.yaml', () => before)
}

async function currentParameters(stage: StoryWorld['stage']): Promise<string> {
  let text = ''
  await stage.edit('params.yaml', (current) => {
    text = current
    return current
  })
  return text
}
