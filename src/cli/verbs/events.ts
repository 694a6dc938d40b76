// `lockstep events`: the audit trail, oldest first: what happened to what, by whom, and why.
import type { EventView } from '../../api/contract/views.ts'
import { exitCodes } from '../exit-codes.ts'
import { table } from '../render/text.ts'
import { dateAndTime } from '../render/time.ts'
import type { Call, Verb } from '../verb.ts'
import { watch } from '../watch.ts'

export const events: Verb = {
  options: [
    ['-f, --follow', 'go on as events come, until Ctrl-C; with --json one document a line'],
    ['--object <id>', 'only of this object'],
    ['--after <seq>', 'only those after this sequence number'],
    ['--limit <count>', 'at most this many'],
  ],
  examples: [
    ['events', 'everything that happened'],
    ['events --object rol_01kc… --json', 'the life of one rollout'],
    ['events --follow', 'as it happens'],
  ],
  run: async (call) => {
    const { args, output } = call
    const { api } = await call.connect('read')
    const object = args.text('object')
    const limit = args.number('limit')
    const filter = {
      ...(object === undefined ? {} : { object }),
    }
    const after = args.number('after') ?? 0
    const ask = (seq: number, count = pageSize) =>
      api.events({ ...filter, after: seq, limit: count })
    if (args.flag('follow')) return follow(call, after, (seq) => ask(seq))
    const found = limit === undefined ? await allAfter(after, ask) : await ask(after, limit)
    output.document(found)
    output.print(...eventTable(found))
    if (found.length === 0) output.print('no event')
    else output.print('', 'next: lockstep audit')
    return 0
  },
}

/** The most the control plane gives at once. */
const pageSize = 1000

async function allAfter(
  after: number,
  ask: (seq: number) => Promise<EventView[]>,
): Promise<EventView[]> {
  const all: EventView[] = []
  for (;;) {
    const page = await ask(all.at(-1)?.seq ?? after)
    all.push(...page)
    if (page.length < pageSize) return all
  }
}

function eventTable(list: readonly EventView[]): string[] {
  const rows = list.map((event) => [
    event.seq,
    dateAndTime(event.at),
    `${event.kind} ${event.objectId}`,
    event.type,
    event.phase.replaceAll('_', ' '),
    event.actor,
    event.because,
  ])
  return table(['seq', 'at (utc)', 'object', 'event', 'phase', 'actor', 'because'], rows)
}

async function follow(
  { world, interrupt, output }: Call,
  after: number,
  ask: (seq: number) => Promise<EventView[]>,
): Promise<number> {
  let last = after
  await watch({
    clock: world.clock,
    interrupt,
    look: () => ask(last),
    show: (list) => {
      for (const event of list) {
        last = Math.max(last, event.seq)
        output.documentLine(event)
        output.print(
          `${event.seq}  ${dateAndTime(event.at)}  ${event.kind} ${event.objectId}  ${event.type}  ${event.phase}  ${event.actor}  ${event.because}`,
        )
      }
    },
    isOver: () => false,
    away: () => output.note('the control plane is away; waiting for it to come back'),
    everyMs: 500,
  })
  return exitCodes.interrupted
}
