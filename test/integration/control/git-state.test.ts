// Who wrote what is judged: everyone with a commit since the release that serves, not only whoever committed last.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readGitState } from '../../../src/control/runs/git-state.ts'

let dir: string
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'lockstep-git-'))
  git('init', '-q')
})
afterEach(() => rmSync(dir, { recursive: true, force: true }))

const git = (...args: string[]) => execFileSync('git', args, { cwd: dir, encoding: 'utf8' }).trim()

function commit(person: string): string {
  writeFileSync(join(dir, 'notes.txt'), `${person} ${Math.PI}`)
  git('add', '-A')
  git(
    '-c',
    `user.email=${person}@example.org`,
    '-c',
    `user.name=${person}`,
    'commit',
    '-qm',
    person,
  )
  return git('rev-parse', 'HEAD')
}

test('authors are those of every commit since what serves', async () => {
  commit('zoe')
  const serving = commit('alice')
  commit('dana')
  commit('bob')
  const last = commit('dana')
  expect(await readGitState(dir, serving)).toMatchObject({
    ...{ commit: last, dirty: false, authors: ['dana', 'bob'] },
  })
})

test('without a serving release, or one git does not know, it is whoever committed last', async () => {
  commit('alice')
  commit('dana')
  expect((await readGitState(dir, null)).authors).toEqual(['dana'])
  expect((await readGitState(dir, 'f'.repeat(40))).authors).toEqual(['dana'])
  expect((await readGitState(dir, '--all')).authors).toEqual(['dana'])
})
