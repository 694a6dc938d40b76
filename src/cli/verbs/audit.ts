// `lockstep audit`: verifies that no event of the trail was changed, removed or reordered.
import { exitCodes } from '../exit-codes.ts'
import { plural } from '../render/text.ts'
import type { Verb } from '../verb.ts'

export const audit: Verb = {
  notes: 'Exit codes: 0 intact, 1 broken.',
  examples: [
    ['audit', 'verify the whole chain'],
    ['audit --json | jq -r .head', 'the digest of its last event, to keep elsewhere'],
  ],
  run: async (call) => {
    const { output } = call
    const { api } = await call.connect('read')
    const verified = await api.audit()
    output.document(verified)
    const word = verified.intact ? output.paint.good('✓ intact') : output.paint.bad('✗ broken')
    output.print(
      `${word}  ${plural(verified.events, 'event')}: ${verified.because}`,
      `head ${verified.head}`,
      verified.intact
        ? 'next: lockstep events'
        : 'next: restore the database from a copy and compare heads',
    )
    return verified.intact ? exitCodes.done : exitCodes.failed
  },
}
