// `lockstep rollout`: watches a rollout to its end, or pauses, resumes, aborts or promotes it.
import type { RolloutView } from '../../api/contract/views.ts'
import { detach, refused } from '../detach.ts'
import { exitCodes, rolloutExitCode, rolloutIsOver } from '../exit-codes.ts'
import {
  rolloutChange,
  rolloutHeadline,
  rolloutProgress,
  rolloutReport,
  rolloutTable,
} from '../render/rollout.ts'
import { findRollout } from '../subjects.ts'
import type { Call, Verb } from '../verb.ts'
import { watch } from '../watch.ts'

const commands = ['pause', 'resume', 'abort', 'promote'] as const
type RolloutCommand = (typeof commands)[number]

export const rollout: Verb = {
  args: [
    ['[action-or-id]', 'pause, resume, abort, promote, list; or the rollout to watch'],
    ['[id]', 'a rollout number, id or environment (default: the active one, else the newest)'],
  ],
  options: [
    ['--because <reason>', 'why; kept in the audit trail'],
    ['--no-wait', 'look once instead of watching'],
    ['--timeout <duration>', 'stop watching after this long'],
  ],
  notes:
    'Exit codes: 0 completed, 6 rolled back, 1 errored, 10 still without enough evidence at the timeout,\n124 timeout, 130 detached with Ctrl-C (the rollout continues).',
  examples: [
    ['rollout', 'watch the active rollout'],
    ['rollout pause --because "lunch"', 'stay on this step; harm is still watched for'],
    ['rollout abort production', 'give all traffic back to stable'],
  ],
  run: (call) => {
    const first = call.args.at(0)
    if (first === 'list') return list(call)
    const command = commands.find((one) => one === first)
    return command ? act(call, command) : follow(call)
  },
}

async function list(call: Call): Promise<number> {
  const { api } = await call.connect('read')
  const rollouts = await api.rollouts()
  call.output.document(rollouts)
  call.output.print(...rolloutTable(rollouts, call.output.paint, call.world.clock.now()))
  if (rollouts.length === 0)
    call.output.print('no rollout yet', 'next: lockstep promote --to ENVIRONMENT')
  return exitCodes.done
}

async function act(call: Call, command: RolloutCommand): Promise<number> {
  const { args, output, actor } = call
  const { api } = await call.connect('deliver')
  const target = await findRollout(api, args.at(1))
  const because = args.text('because') ?? `${command} by ${actor}`
  const answer = await api.commandRollout(target.id, command, { because })
  if (!answer.accepted) throw refused(answer.because, `lockstep why rollout ${target.id}`)
  output.document({ ...answer, rollout: target.id, command })
  output.print(
    `${output.paint.good('✓')} ${command} rollout ${target.number} (${target.id}): ${answer.because}`,
    `next: lockstep rollout ${target.number}`,
  )
  return exitCodes.done
}

async function follow(call: Call): Promise<number> {
  const { args, output, world } = call
  const connection = await call.connect('read')
  const { api } = connection
  const target = await findRollout(api, args.at(0))
  const { paint, notePaint } = output
  if (args.off('wait')) {
    output.document(target)
    output.print(...rolloutReport(target, paint))
    return rolloutIsOver(target) ? rolloutExitCode(target) : exitCodes.done
  }
  output.note(rolloutHeadline(target, notePaint))
  const { ended, seen } = await watch<RolloutView>({
    clock: world.clock,
    interrupt: call.interrupt,
    look: () => api.rollout(target.id),
    show: createStory(call),
    isOver: rolloutIsOver,
    away: () =>
      output.note('the control plane is away (traffic is not); waiting for it to come back'),
    timeoutMs: args.duration('timeout'),
  })
  output.progress('')
  output.document(seen)
  output.print(...rolloutReport(seen, paint))
  if (ended === 'over') {
    const why = seen.phase === 'completed' ? 'lockstep status' : `lockstep why rollout ${seen.id}`
    output.print(`next: ${why}`)
    return rolloutExitCode(seen)
  }
  const code = detach(call, connection, {
    ended,
    what: `rollout ${seen.number}`,
    again: `lockstep rollout ${seen.number}`,
  })
  return ended === 'timeout' && seen.analysis?.verdict === 'insufficient'
    ? exitCodes.insufficient
    : code
}

/** A line when the phase, the share or the reason changed; counts in between only on a terminal. */
function createStory({ output }: Call): (seen: RolloutView) => void {
  let last = ''
  return (seen) => {
    const key = `${seen.phase} ${seen.candidateBp} ${seen.step}`
    if (key !== last) output.note(`  ${rolloutChange(seen, output.notePaint)}`)
    last = key
    if (!rolloutIsOver(seen)) output.progress(rolloutProgress(seen, output.notePaint))
  }
}
