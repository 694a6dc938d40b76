// Real DVC from the package index makes and runs a project; Lockstep imports it and makes the same bytes. DVC is not asked twice.
import { execFileSync } from 'node:child_process'
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { openContentStore } from '../../src/build/artifacts/content-store.ts'
import type { DvcImportReport } from '../../src/build/imports/import-dvc-fs.ts'
import { digestOfFile } from '../../src/foundation/digest.ts'
import { answer, lockstep, root } from './lockstep-process.ts'

const dvcVersion = '3.67.1'
const path = process.env.PATH ?? ''

let dir: string
let theirs: string
let ours: string

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockstep-dvc-'))
  theirs = join(dir, 'theirs')
  ours = join(dir, 'ours')
  const venv = join(dir, 'venv')
  const run = (program: string, ...words: string[]) =>
    execFileSync(program, words, {
      cwd: theirs,
      stdio: 'pipe',
      env: { ...process.env, DVC_NO_ANALYTICS: '1' },
    })
  await cp(join(root, 'test/e2e/dvc-project'), theirs, { recursive: true })
  run('python3', '-m', 'venv', venv)
  run(join(venv, 'bin/pip'), 'install', '-q', '--disable-pip-version-check', `dvc==${dvcVersion}`)
  process.env.PATH = `${join(venv, 'bin')}:${path}`
  run('python', 'make_data.py')
  run('git', 'init', '-q')
  run('dvc', 'init', '-q')
  run('dvc', 'add', '-q', 'data/raw.csv')
  run('dvc', 'repro', '-q')
}, 300_000)
afterAll(async () => {
  process.env.PATH = path
  await rm(dir, { recursive: true, force: true })
})

/** What dvc.lock says the stages made: files, and files in folders. */
async function madeByDvc(): Promise<string[]> {
  const lock = parse(await readFile(join(theirs, 'dvc.lock'), 'utf8'))
  const outs = Object.values(lock.stages as Record<string, { outs: { path: string }[] }>).flatMap(
    (stage) => stage.outs.map((out) => out.path.replace(/^\.\.\//, '')),
  )
  const files = await Promise.all(
    outs.map(async (out) => {
      const entries = await readdir(join(theirs, out)).catch(() => null)
      return entries === null ? [out] : entries.map((name) => `${out}/${name}`)
    }),
  )
  return files.flat()
}

describe('a project made and run by DVC', () => {
  it('is imported whole: every stage a step, every .dvc file a dataset, and the rest accounted for', async () => {
    const { code, document } = await answer<DvcImportReport>(
      dir,
      'import',
      'dvc',
      theirs,
      '--out',
      ours,
    )
    expect(code).toBe(0)
    expect(document.steps.map((step) => step.formerly ?? step.name)).toEqual([
      ...['split', 'train@small', 'train@large', 'score@north', 'score@south'],
      ...['grid@x-1', 'grid@x-2.5', 'grid@y-1', 'grid@y-2.5', 'report'],
    ])
    expect(document.datasets).toEqual([{ name: 'raw', path: 'data/raw.csv' }])
    const about = document.notes.map((note) => note.about).join('\n')
    for (const thing of [
      'always_changed',
      'plots',
      'scores/north.txt',
      'artifacts.scorer',
      'raw.csv.dvc',
    ])
      expect(about).toContain(thing)
  })

  it('makes the same bytes when Lockstep runs it', async () => {
    const toReport = await lockstep(ours, 'run', '--to', 'report')
    expect(toReport.code, toReport.stderr).toBe(0)
    const grid = ['grid-x-1', 'grid-x-2-5', 'grid-y-1', 'grid-y-2-5']
    const toGrid = await lockstep(ours, 'run', '--to', ...grid)
    expect(toGrid.code, toGrid.stderr).toBe(0)
    const store = await openContentStore(join(ours, '.lockstep/objects'))
    const files = await madeByDvc()
    expect(files).toHaveLength(12)
    const missing = []
    for (const file of files)
      if (!(await store.has(await digestOfFile(join(theirs, file))))) missing.push(file)
    expect(missing).toEqual([])
  })

  it('is not written over a second time, and a folder without DVC is refused', async () => {
    const again = await lockstep(dir, 'import', 'dvc', theirs, '--out', ours)
    expect(again.code).toBe(8)
    expect(again.stderr).toContain('lockstep.yaml exists already; nothing was written')
    const nothing = await lockstep(dir, 'import', 'dvc', join(theirs, 'scoring'))
    expect(nothing.code).toBe(2)
    expect(nothing.stderr).toContain('there is no dvc.yaml in it or below it')
  })
})
