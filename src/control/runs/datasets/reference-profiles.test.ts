// References of drift checks: files of the project and nothing else, pinned like every other input.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseProject } from '../../../project/parse-project.ts'
import { smallProject } from '../../../project/sample-project.ts'
import type { RunWorld } from '../run-world.ts'
import { findReferences, referenceInputs } from './reference-profiles.ts'

let folder: string
let projectDir: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-references-'))
  projectDir = join(folder, 'project')
  await mkdir(projectDir)
  const profile = '{"rows": 2, "columns": {}}'
  await writeFile(join(folder, 'outside.json'), profile)
  await writeFile(join(projectDir, 'inside.profile'), profile)
})
afterAll(() => rm(folder, { recursive: true }))

const { spec } = parseProject(smallProject)
const dataset = spec?.datasets[0]
if (spec === null || dataset === undefined) throw new Error('the small project has a dataset')
// Nothing of these is asked: the world would break.
const world = {} as Pick<RunWorld, 'store' | 'content'>

function find(vs: string, redact = false) {
  if (spec === null || dataset === undefined) throw new Error('unreachable')
  const asked = { ...spec, datasets: [{ ...dataset, redact }] }
  const references = findReferences(world, { spec: asked, projectDir, filesOf: () => undefined })
  return references.of(dataset.name)(vs)
}

describe('a drift check', () => {
  test('compares with a profile in the project', async () => {
    expect(await find('inside.profile')).toMatchObject({ found: 'profile' })
  })

  test.each(['../outside.json', '/etc/hostname', 'a/../../outside.json'])(
    'reads nothing at %s',
    async (path) => {
      expect(await find(path)).toEqual({
        found: 'unreadable',
        because: `${path} is not a path inside the project`,
      })
    },
  )

  test('of redacted data has no champion to compare with, and says so instead of being skipped', async () => {
    expect(await find('champion', true)).toMatchObject({
      found: 'unreadable',
      because: expect.stringContaining('because it is declared redact'),
    })
  })
})

test('a profile file is an input of the run, whatever its name ends in', () => {
  const check = (vs: string) => ({ text: 'drift(*) <= 0.1', options: { vs }, position: null })
  const checks = ['inside.profile', 'ref.json', 'champion', dataset.name, '../out.json'].map(check)
  const inputs = referenceInputs([{ ...dataset, checks }]).flatMap((step) => step.inputs)
  expect(inputs).toEqual(['inside.profile', 'ref.json'])
})
