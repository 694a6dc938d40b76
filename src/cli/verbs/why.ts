// `lockstep why`: the recorded reason behind anything, and what to do about it.
import { indent } from '../render/text.ts'
import { whyQuery } from '../subjects.ts'
import type { Verb } from '../verb.ts'

export const why: Verb = {
  args: [
    [
      '<subject...>',
      'a step, `run 3`, `release 2 production`, `2 production`, `promotion 4`, `rollout 1`, or an id',
    ],
  ],
  examples: [
    ['why train', 'why the step train ran, or did not'],
    ['why release 2 production', 'what keeps release 2 from production, and who can clear it'],
    ['why rollout 3', 'why it went on or back, with the counts'],
  ],
  run: async (call) => {
    const { output, args } = call
    const { api } = await call.connect('read')
    const answer = await api.why(await whyQuery(args.words, api))
    output.document(answer)
    output.print(
      output.paint.strong(answer.answer),
      ...indent(answer.sentences),
      ...answer.next.map((command) => `next: ${command}`),
    )
    return 0
  },
}
