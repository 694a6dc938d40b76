// A champion that serves and whose record was lost must not look like a model's first release.
import { expect, test } from 'vitest'
import { parseProject } from '../../../project/parse-project.ts'
import { smallProject } from '../../../project/sample-project.ts'
import type { RunWorld } from '../run-world.ts'
import { readHistory } from './dataset-history.ts'
import { findReferences } from './reference-profiles.ts'

const release = { id: 'release_3', number: 3, manifestDigest: 'sha256:lost' }

/** Release 3 serves everywhere, and no object can be read. */
const world = {
  store: {
    list: async () => [release],
    find: async (kind: { name: string }) => (kind.name === 'deployment' ? serving : release),
  },
  content: { read: async () => Promise.reject(new Error('gone')) },
} as unknown as Pick<RunWorld, 'store' | 'content'>
const serving = { stable: { releaseId: release.id } }

const { spec } = parseProject(smallProject)
if (spec === null) throw new Error('the small project parses')

test('rows are not compared with a champion whose manifest is lost, and that is an error', async () => {
  const history = (await readHistory(world, spec, 7))('people')
  expect(history).toEqual({
    past: [],
    champion: {
      method: 'unreadable',
      because:
        'release 3 serves, and its manifest cannot be read: lockstep verify 3 says what was lost',
    },
  })
})

test('neither is drift', async () => {
  const references = findReferences(world, { spec, projectDir: '/', filesOf: () => undefined })
  expect(await references.of('people')('champion')).toEqual({
    found: 'unreadable',
    because:
      'release 3 serves, and its manifest cannot be read: lockstep verify 3 says what was lost',
  })
})
