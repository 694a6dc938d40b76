// `lockstep gate report`: what the gates of a run found, for a pull request, a CI server, a code scanner or a browser.
import { resolve } from 'node:path'
import type { GateReportInput } from '../../api/contract/gate-routes.ts'
import type { Verb } from '../verb.ts'
import { writeDocument } from '../write-document.ts'

const formats = ['markdown', 'html', 'junit', 'sarif', 'json'] as const

export const gateReport: Verb = {
  args: [['[subject]', 'a run number, or release:3; the last judged run when left out']],
  options: [
    ['--format <form>', `${formats.join(', ')}; by default what the file's ending says`],
    ['-o, --output <file>', 'write it there'],
  ],
  examples: [
    ['gate report', 'the last judged run as Markdown, failed checks first'],
    ['gate report 12 -o gates.html', 'one self-contained page with plots'],
    ['gate report --format junit -o gates.xml', 'for a CI server'],
    ['gate report release:3 --format sarif', 'for code scanning'],
  ],
  run: async (call) => {
    const { args, output, world } = call
    const file = args.text('output')
    const format = formatOf(args.text('format'), file)
    if (format === undefined)
      throw args.usage(`'${args.text('format')}' is no form of a report: ${formats.join(', ')}`)
    const { api } = await call.connect('read')
    const subject = args.at(0)
    const report = await api.gateReport({ format, ...(subject ? { subject } : {}) })
    output.document(report)
    if (file === undefined) {
      output.print(report.text.trimEnd())
      return 0
    }
    const path = resolve(world.cwd, file)
    await writeDocument(path, report.text)
    output.print(`wrote ${path}: gates of run ${report.run}, ${report.verdict}`)
    return 0
  },
}

const endings: Readonly<Record<string, GateReportInput['format']>> = {
  ...{ html: 'html', md: 'markdown', xml: 'junit', sarif: 'sarif', json: 'json' },
}

function formatOf(
  asked: string | undefined,
  file: string | undefined,
): GateReportInput['format'] | undefined {
  if (asked !== undefined) return formats.find((format) => format === asked)
  return endings[file?.split('.').at(-1) ?? ''] ?? 'markdown'
}
