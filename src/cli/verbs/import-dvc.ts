// `lockstep import dvc`: a DVC project becomes a Lockstep project, and every thing it had is accounted for.
import { relative, resolve } from 'node:path'
import type { ImportNote, NoteKind } from '../../build/imports/dvc-notes.ts'
import type { DvcImportReport } from '../../build/imports/import-dvc-fs.ts'
import { plural } from '../render/text.ts'
import type { Call, Verb } from '../verb.ts'

export const importDvcVerb: Verb = {
  args: [['[folder]', 'the DVC project (default: this folder)']],
  options: [
    ['--out <folder>', 'copy the project there, without what DVC and the stages made'],
    ['--in-place', 'write lockstep.yaml beside dvc.yaml (what happens without --out)'],
    ['--dry-run', 'write nothing; print the lockstep.yaml'],
    ['--force', 'write over a lockstep.yaml that is there'],
  ],
  notes:
    'Stages become steps, .dvc files datasets; templates, foreach and matrix are written out. DVC need not be installed, and\nits files stay as they are. Everything that means something else here, or has no place, is listed with its reason.',
  examples: [
    ['import dvc', 'the project in this folder'],
    ['import dvc ../churn --out churn-lockstep', 'into a new folder'],
    ['import dvc --dry-run', 'only look'],
  ],
  run: async (call) => {
    const { args, output, world } = call
    const out = args.text('out')
    if (out !== undefined && args.flag('in-place'))
      throw args.usage('give either --out FOLDER or --in-place')
    const { importDvc } = await import('../../build/imports/import-dvc-fs.ts')
    const report = await importDvc({
      folder: resolve(world.cwd, args.at(0) ?? '.'),
      out: out === undefined ? null : resolve(world.cwd, out),
      overwrite: args.flag('force') ? 'replace' : 'refuse',
      write: args.flag('dry-run') ? 'only_show' : 'yes',
    })
    output.document(report)
    tell(call, report)
    return 0
  },
}

const headings: readonly (readonly [NoteKind, string])[] = [
  ['translated', 'translated'],
  ['changed', 'means something else here'],
  ['left_out', 'left out'],
  ['to_do', 'for you to decide'],
]

function tell({ output, world }: Call, report: DvcImportReport): void {
  const { steps, datasets, notes, written } = report
  if (written === null) output.print(report.text)
  const what = `${plural(steps.length, 'step')}, ${plural(datasets.length, 'dataset')}`
  const place = written && (relative(world.cwd, written) || written)
  output.print(place === null ? `nothing was written: ${what}` : `wrote ${place}: ${what}`)
  for (const [kind, heading] of headings) {
    const some = notes.filter((note) => note.kind === kind)
    if (some.length > 0) output.print('', `${heading}:`, ...grouped(some))
  }
  if (place === null) return
  output.print(
    '',
    'next:',
    '  lockstep plan    what would run, and why',
    '  lockstep run     the steps, then the gates; steps that ran are kept whatever the gates say',
  )
}

/** What is said of several things alike is said once. */
function grouped(notes: readonly ImportNote[]): string[] {
  const bySentence = Map.groupBy(notes, (note) => note.sentence)
  return [...bySentence].map(([sentence, alike]) => {
    const shown = alike.slice(0, 3).map((note) => note.about)
    const more = alike.length > 3 ? ` and ${alike.length - 3} more` : ''
    return `  ${shown.join(', ')}${more}: ${sentence}`
  })
}
