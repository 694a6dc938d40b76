// `lockstep release card`: the model card, as Markdown or as one HTML page that needs nothing else.
import { resolve } from 'node:path'
import type { Verb } from '../verb.ts'
import { writeDocument } from '../write-document.ts'

export const releaseCard: Verb = {
  args: [['<release>', 'a release number or id']],
  options: [
    ['--html', 'one self-contained HTML page with plots instead of Markdown'],
    ['-o, --output <file>', 'write it there'],
  ],
  notes:
    'What people have to say (intended use, limitations, ethical considerations) is taken from MODEL_CARD.md\nin the project when the release is sealed.',
  examples: [
    ['release card 3', 'Markdown, for a terminal or a repository'],
    ['release card 3 --html -o card.html', 'a page to open, print or send'],
  ],
  run: async (call) => {
    const { args, output, world } = call
    const format = args.flag('html') ? 'html' : 'markdown'
    const { api } = await call.connect('read')
    const card = await api.releaseCard(args.at(0) ?? '', { format })
    output.document(card)
    const file = args.text('output')
    if (file === undefined) {
      output.print(card.text.trimEnd())
      return 0
    }
    const path = resolve(world.cwd, file)
    await writeDocument(path, card.text)
    output.print(
      `wrote ${path} (${Math.ceil(Buffer.byteLength(card.text) / 1000)} KB)`,
      format === 'html'
        ? 'next: open it in a browser'
        : `next: lockstep release card ${card.number} --html -o card.html`,
    )
    return 0
  },
}
