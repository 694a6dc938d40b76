// `lockstep run`: starts a run, shows its steps and gates as they come, and answers with what became of it.
import { availableParallelism } from 'node:os'
import type { LockstepApi } from '../../api/contract/routes.ts'
import type { RunView } from '../../api/contract/views.ts'
import { isLockstepError, LockstepError } from '../../foundation/errors.ts'
import { stopwatch } from '../../foundation/system-clock.ts'
import { detach } from '../detach.ts'
import { runExitCode, runIsOver } from '../exit-codes.ts'
import { createLogTail } from '../log-tail.ts'
import { gateLines, pageWidth } from '../render/gates.ts'
import { afterRun, outcomeLine, runHeadline, stepLines } from '../render/run.ts'
import { runProgress } from '../render/run-live.ts'
import { metricLines, readLines } from '../render/run-metrics.ts'
import { plural } from '../render/text.ts'
import { selectionOf, selectionOptions } from '../selection.ts'
import type { Call, Verb } from '../verb.ts'
import { watch } from '../watch.ts'

export const run: Verb = {
  options: [
    ...selectionOptions,
    ['--logs', 'show what the steps print, as they print it'],
    ['--trace-reads', 'report files that steps read without declaring them (Linux, with strace)'],
    ['--because <reason>', 'why this run; kept in the audit trail'],
    ['--no-wait', 'return once it has started'],
    ['--timeout <duration>', 'stop waiting after this long (exit 124); the run continues'],
  ],
  notes:
    'Exit codes: 0 succeeded or unchanged, 1 a step failed, 3 a gate said no, 10 not enough evidence,\n124 timeout, 130 detached with Ctrl-C.',
  examples: [
    ['run', 'run what changed, then judge it'],
    ['run --force --because "new drivers"', 'run every step again'],
    ['run --to train --logs', 'as far as the step train, with what it prints'],
    ['run --only evaluate -j 1', 'one step alone'],
    ['run --json | jq .phase', 'for a script'],
  ],
  run: startAndWatch,
}

async function startAndWatch(call: Call): Promise<number> {
  const { args, output, world } = call
  const connection = await call.connect('work')
  const { api } = connection
  const wait = !args.off('wait')
  if (!wait && !connection.lasting) {
    throw args.usage(
      'without a running control plane a run lasts only as long as this command, so --no-wait is not possible',
      'lockstep up',
    )
  }
  const because = args.text('because')
  const started = await api.startRun({
    ...selectionOf(args),
    ...(args.flag('trace-reads') ? { traceReads: true } : {}),
    ...(because === undefined ? {} : { because }),
  })
  output.note(runHeadline(started, output.notePaint))
  if (!wait) {
    output.document(started)
    output.print(
      `started run ${started.number} (${started.id})`,
      `next: lockstep logs -f --run ${started.number}`,
    )
    return 0
  }
  const story = await createStory(call, api)
  const logs = args.flag('logs') ? createLogTail(call, api, { run: started.id }) : null
  const trouble = troubleWatch(api, started)
  const { ended, seen } = await watch<RunView>({
    clock: world.clock,
    interrupt: call.interrupt,
    look: async () => {
      const elapsed = stopwatch()
      const seen = await api.run(started.id)
      await logs?.look()
      if (!runIsOver(seen)) await world.clock.sleep(elapsed() * restBetween, call.interrupt)
      if (!runIsOver(seen)) await trouble.look()
      return seen
    },
    show: story,
    isOver: (seen) => runIsOver(seen) || trouble.found() !== null,
    everyMs: 50,
    away: () => output.note('the control plane is away; waiting for it to come back'),
    timeoutMs: args.duration('timeout'),
  })
  output.progress('')
  const stuck = trouble.found()
  if (stuck && !runIsOver(seen)) throw stuck
  output.document(seen)
  if (ended !== 'over') {
    return detach(call, connection, {
      ended,
      what: `run ${seen.number}`,
      again: `lockstep logs -f --run ${seen.number}`,
    })
  }
  conclude(call, seen)
  return runExitCode(seen)
}

/** Looking at a run of a thousand steps takes a while: watching must not slow it down. */
const restBetween = 4

const looksBetween = 40
const diskCodes = ['store.disk_full', 'store.unwritable', 'build.store_unwritable']

/** A run that cannot be recorded (a full disk) would be waited for in vain: now and then the control plane is asked. */
function troubleWatch(api: LockstepApi, { id, number }: RunView) {
  let looks = 0
  let found: LockstepError | null = null
  const stuckOn = (because: string, hint: string) =>
    new LockstepError({
      code: 'run.stuck',
      kind: 'unavailable',
      message: `run ${number} cannot go on: ${because}`,
      hint,
    })
  return {
    found: () => found,
    async look() {
      looks += 1
      if (looks % looksBetween !== 0) return
      try {
        const own = (await api.status()).stuck.find((one) => one.id === id)
        if (own) found = stuckOn(own.because, 'remove the cause; it goes on by itself: lockstep up')
      } catch (error) {
        if (!isLockstepError(error) || !diskCodes.includes(error.code)) throw error
        found = stuckOn(error.message, error.hint ?? 'lockstep status')
      }
    },
  }
}

/** With more steps than this, known results are counted at the end instead of told one by one. */
const mostTold = 30

/** Each step once it is done and each gate once it is judged, as a line; what runs now, redrawn. */
async function createStory(
  { output, args, world }: Call,
  api: LockstepApi,
): Promise<(run: RunView) => void> {
  const paint = output.notePaint
  const told = new Set<string>()
  const graph = output.live ? await api.graph().catch(() => null) : null
  const parallelism = args.number('jobs') ?? availableParallelism()
  return (run) => {
    const many = run.steps.length > mostTold
    const news = run.steps.filter((step) => {
      if (step.verdict === 'waiting' || (many && step.verdict === 'hit')) return false
      return !told.has(`${step.name} ${step.verdict}`)
    })
    const lines = stepLines(news, paint, widthOf(run))
    for (const [index, step] of news.entries()) {
      told.add(`${step.name} ${step.verdict}`)
      if (step.verdict === 'running' && output.live) continue
      output.note(`  ${lines[index]}`)
    }
    if (runIsOver(run)) {
      const known = run.steps.filter((step) => step.verdict === 'hit').length
      if (many && known > 0) output.note(`  ${plural(known, 'step')} known already`)
      return
    }
    const scene = { run, graph, parallelism, now: world.clock.now() }
    output.progress(runProgress(scene, paint).join('\n'))
  }
}

/** So that lines told one after the other stand below each other. */
function widthOf(run: RunView): number {
  return Math.max(0, ...run.steps.map((step) => step.name.length))
}

function conclude({ output }: Call, run: RunView): void {
  const { paint } = output
  output.print(
    ...gateLines(run.gates, paint, Math.min(pageWidth, output.columns)),
    ...metricLines(run.metrics, paint),
    ...readLines(run.steps, paint),
    `${runHeadline(run, paint)}`,
    outcomeLine(run, paint),
    afterRun(run),
  )
}
