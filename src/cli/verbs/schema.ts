// `lockstep schema`: the JSON Schema of lockstep.yaml, for editors and CI.
import type { Verb } from '../verb.ts'

export const schema: Verb = {
  examples: [
    ['schema > .lockstep-schema.json', 'for the $schema comment of an editor'],
    ['schema | jq .properties', 'look at it'],
  ],
  run: async ({ output }) => {
    const { lockstepJsonSchema } = await import('../../project/lockstep-schema.ts')
    const document = lockstepJsonSchema()
    output.document(document)
    output.print(JSON.stringify(document, null, 2))
    return 0
  },
}
