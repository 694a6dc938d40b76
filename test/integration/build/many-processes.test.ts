// The short form of what benchmarks/build does for fifty rounds.
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { expect, it } from 'vitest'
import { runManyProcesses } from '../../../benchmarks/build/many-processes.ts'

it('twenty processes run pipelines in one new data folder: nothing is lost, nothing is locked', {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(`${tmpdir()}/lockstep-many-`)
  try {
    const { errors, lost } = await runManyProcesses(folder, { processes: 20, runs: 20 })
    expect({ errors, lost }).toEqual({ errors: [], lost: [] })
    expect(await readdir(`${folder}/.lockstep/objects/drafts`)).toEqual([])
    expect(await readdir(`${folder}/.lockstep/index`)).toEqual(['files'])
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})
