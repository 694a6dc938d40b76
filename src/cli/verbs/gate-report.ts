// `lockstep gate report`: what the gates of a run found, for a pull request, a CI server, a code scanner or a browser.
import { resolve } from 'node:path'
import type { GateChecksView } from '../../api/contract/gate-routes.ts'
import { checksReport, pageWidth } from '../render/gates.ts'
import { createPaint } from '../render/paint.ts'
import { harmless } from '../render/text.ts'
import type { Call, Verb } from '../verb.ts'
import { writeDocument } from '../write-document.ts'

const formats = ['text', 'markdown', 'html', 'junit', 'sarif', 'json'] as const
type Format = (typeof formats)[number]

export const gateReport: Verb = {
  args: [['[subject]', 'a run number, or release:3; the last judged run when left out']],
  options: [
    [
      '--format <form>',
      `${formats.join(', ')}; by default what the file's ending says, text in a terminal`,
    ],
    ['-o, --output <file>', 'write it there'],
  ],
  examples: [
    ['gate report', 'the last judged run, failed checks first; Markdown where it is piped'],
    ['gate report 12 -o gates.html', 'one self-contained page with plots'],
    ['gate report --format junit -o gates.xml', 'for a CI server'],
    ['gate report release:3 --format sarif', 'for code scanning'],
  ],
  run: async (call) => {
    const { args, output, world } = call
    const file = args.text('output')
    const format = formatOf(args.text('format'), file, world.stdout.isTTY === true)
    if (format === undefined)
      throw args.usage(`'${args.text('format')}' is no form of a report: ${formats.join(', ')}`)
    const { api } = await call.connect('read')
    const subject = args.at(0)
    const chosen = subject ? { subject } : {}
    if (format === 'text') return showText(call, await api.gateChecks(chosen), file)
    const report = await api.gateReport({ format, ...chosen })
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

/** Colours stay in the terminal. */
async function showText(
  { output, world }: Call,
  checks: GateChecksView,
  file: string | undefined,
): Promise<number> {
  output.document(checks)
  if (file === undefined) {
    output.print(...checksReport(checks, output.paint, Math.min(pageWidth, output.columns)))
    return 0
  }
  const path = resolve(world.cwd, file)
  const lines = checksReport(checks, createPaint(false))
  await writeDocument(path, harmless(`${lines.join('\n')}\n`))
  output.print(`wrote ${path}: gates of run ${checks.run}, ${checks.verdict}`)
  return 0
}

const endings: Readonly<Record<string, Format>> = {
  txt: 'text',
  ...{ html: 'html', md: 'markdown', xml: 'junit', sarif: 'sarif', json: 'json' },
}

function formatOf(
  asked: string | undefined,
  file: string | undefined,
  isTerminal: boolean,
): Format | undefined {
  if (asked !== undefined) return formats.find((format) => format === asked)
  if (file === undefined) return isTerminal ? 'text' : 'markdown'
  return endings[file.split('.').at(-1) ?? ''] ?? 'markdown'
}
