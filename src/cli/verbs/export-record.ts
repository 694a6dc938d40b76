// `lockstep export-record`: a run or release in a format of others: OpenLineage, Croissant, CycloneDX.
import { resolve } from 'node:path'
import { writeFileAtomically } from '../../foundation/atomic-file.ts'
import type { Verb } from '../verb.ts'

const formats = ['openlineage', 'croissant', 'cyclonedx'] as const

export const exportRecord: Verb = {
  args: [['<what>', 'a release number, or run:NUMBER']],
  options: [
    ['--format <format>', 'openlineage (events, one a line), croissant or cyclonedx (JSON)'],
    ['-o, --out <file>', 'write it here instead of to standard output'],
  ],
  examples: [
    ['export-record 3 --format cyclonedx -o bom.json', 'the bill of materials of release 3'],
    ['export-record run:4 --format openlineage', 'the events of run 4 and its steps'],
    ['export-record 3 --format croissant', 'the datasets of release 3'],
  ],
  run: async ({ args, output, connect, world }) => {
    const asked = args.text('format')
    const format = formats.find((one) => one === asked)
    if (format === undefined) throw args.usage(`say in which format: --format ${formats.join('|')}`)
    const { api } = await connect('read')
    const { text, notes } = await api.exportRecord({ subject: args.at(0) ?? '', format })
    const out = args.text('out')
    if (out !== undefined) await writeFileAtomically(resolve(world.cwd, out), text)
    output.document({ format, notes, ...(out === undefined ? { text } : { out }) })
    output.print(out === undefined ? text.trimEnd() : `wrote ${out}`)
    output.note(...notes.map((note) => output.notePaint.warn(`! ${note}`)))
    return 0
  },
}
