// `lockstep gate verify`: every verdict of a release computed again from the statistics in its record.
import type { GateReplayView } from '../../api/contract/gate-routes.ts'
import { isLockstepError } from '../../foundation/errors.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Paint } from '../render/paint.ts'
import { columns, indent, plural } from '../render/text.ts'
import { follow } from '../render/transfer.ts'
import { releaseName, verdictWord } from '../render/words.ts'
import type { Call, Verb } from '../verb.ts'

export const gateVerify: Verb = {
  args: [['<release>', 'a release number or id']],
  options: [
    ['--from-data', 'ask again on the recorded data, holdout and models, not only on the record'],
  ],
  notes: `Without --from-data no data, model or network is needed: the record holds what each verdict follows from.\nWith it everything is measured again but for what depends on the machine or the moment.\nExit codes: 0 all of them follow, ${exitCodes.notVerified} at least one does not.`,
  examples: [
    ['gate verify 3', 'do the verdicts of release 3 follow from its numbers?'],
    ['gate verify 3 --from-data', 'and do the numbers follow from its data and its model?'],
  ],
  run: async (call) => {
    const { args, output } = call
    const id = args.at(0) ?? ''
    const view = await replayed(call, id)
    if (view === null) return exitCodes.notVerified
    output.progress('')
    output.document(view)
    const from = args.flag('from-data') ? 'data and model' : 'record'
    output.print(...replayLines(view, from, output.paint))
    return view.agrees ? exitCodes.done : exitCodes.notVerified
  },
}

/** Null when there is no record that could be believed: then no verdict follows from it. */
async function replayed(call: Call, id: string): Promise<GateReplayView | null> {
  try {
    return call.args.flag('from-data')
      ? await (await call.connect('work')).api.gateAgain(id, {}, follow(call))
      : await (await call.connect('read')).api.gateReplay(id)
  } catch (error) {
    if (!isLockstepError(error) || error.code !== 'gates.no_evidence') throw error
    const { code, message, hint } = error
    call.output.progress('')
    call.output.document({ agrees: false, code, message, hint: hint ?? null })
    call.output.note(`error: ${message}`)
    if (hint) call.output.note(`hint: ${hint}`)
    return null
  }
}

function wordOf({ agrees, verdict }: GateReplayView['checks'][number], paint: Paint): string {
  if (verdict === null) return paint.quiet('not asked')
  return agrees ? paint.good('follows') : paint.bad('DIFFERS')
}

/** What does not follow first. */
function replayLines(
  { release, checks, agrees, evidence, engine }: GateReplayView,
  from: string,
  paint: Paint,
) {
  const ordered = [...checks].sort((a, b) => Number(a.agrees) - Number(b.agrees))
  const rows = columns(
    ordered.map((check) => [
      wordOf(check, paint),
      verdictWord(check.recorded, paint),
      `${check.gate}  ${check.written}`,
    ]),
  )
  const differ = ordered.filter((check) => !check.agrees)
  const sentences = differ.map(({ gate, id, because }) => `${gate}/${id}: ${because}`)
  const judge = engine === null ? '' : `, judged by Lockstep ${engine}`
  const asked = checks.filter(({ verdict }) => verdict !== null).length
  const which = asked === checks.length ? 'every verdict' : `${asked} of ${checks.length} verdicts`
  const rest = asked === checks.length ? '' : '; the others were not asked again'
  const end = agrees
    ? `${which} of ${releaseName(release)} ${asked === checks.length ? 'follows' : 'follow'} from its ${from}${rest}`
    : `${plural(differ.length, 'verdict')} of ${releaseName(release)} ${differ.length === 1 ? 'does' : 'do'} not follow from its ${from}`
  return [
    paint.strong(`gates of ${releaseName(release)}`) +
      paint.quiet(`  evidence ${evidence.slice(7, 19)}${judge}`),
    ...indent(rows),
    ...indent(sentences),
    end,
  ]
}
