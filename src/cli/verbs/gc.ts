// `lockstep gc`: what nothing needs any more, and on --apply its removal.
import type { GcInput } from '../../api/contract/keeping-routes.ts'
import { gcReport } from '../render/keeping.ts'
import type { Verb } from '../verb.ts'

export const gc: Verb = {
  options: [
    ['--apply', 'remove; without it nothing is removed'],
    [
      '--wait <duration>',
      'how long nothing must have needed an object before it goes (default 14d)',
    ],
    ['--recent <duration>', 'keep results of steps, evidence and logs this long (default 30d)'],
    ['--runs <n>', 'and those of so many newest runs (default 50)'],
    ['--because <reason>', 'why, for the audit trail (with --apply)'],
    ['--drop-archived <duration>', 'drop releases archived or yanked for so long (default never)'],
  ],
  notes:
    'Releases, what environments serve, pins, recent runs and recent results keep what they need.\nThe waiting period counts from when gc first saw that nothing needed an object, also without --apply.\nWhile a run, a transfer or a rebuild is under way nothing is removed (exit 8).\nWhat is removed, by whom and why, is in the audit trail: lockstep events.',
  examples: [
    ['gc', 'what would go, and what keeps the rest'],
    ['gc --apply', 'remove what nothing has needed for 14 days'],
    ['gc --apply --wait 0s --recent 7d --runs 10 --because "the disk is full"', 'make room now'],
  ],
  run: async ({ args, output, connect, interrupt }) => {
    const input = withoutUndefined({
      apply: args.flag('apply'),
      waitMs: args.duration('wait'),
      recentMs: args.duration('recent'),
      recentRuns: args.number('runs'),
      archivedMs: args.duration('drop-archived'),
      because: args.text('because'),
    })
    const { api } = await connect('read')
    const view = await api.collectGarbage(input, {
      told: ({ sentence, done, total }) =>
        output.progress(done === null ? sentence : `${sentence}: ${done} of ${total ?? '?'}`),
      signal: interrupt,
    })
    output.progress('')
    output.document(view)
    output.print(...gcReport(view, output.paint))
    return 0
  },
}

function withoutUndefined(
  input: Readonly<Record<keyof GcInput, boolean | number | string | undefined>>,
): GcInput {
  return Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
}
