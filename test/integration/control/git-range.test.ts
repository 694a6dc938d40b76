// The way from one commit to another, read from a real repository.
import { execFileSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readCommitRange } from '../../../src/control/runs/git-range.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lockstep-git-'))
  git('init', '-q', '-b', 'main')
})
afterEach(() => rm(dir, { recursive: true, force: true }))

function git(...args: string[]): string {
  const who = ['-c', 'user.email=olga@example.org', '-c', 'user.name=Olga']
  return execFileSync('git', ['-C', dir, ...who, ...args], { encoding: 'utf8' }).trim()
}

async function commit(file: string, subject: string): Promise<string> {
  await writeFile(join(dir, file), subject)
  git('add', '-A')
  git('commit', '-qm', subject)
  return git('rev-parse', 'HEAD')
}

test('commits with their subjects, and how many files changed', async () => {
  const one = await commit('a', 'first')
  await commit('b', 'second\twith a tab')
  const three = await commit('a', 'third')
  expect(await readCommitRange(dir, one, three)).toMatchObject({
    commits: [{ subject: 'third', author: 'Olga', id: three }, { subject: 'second with a tab' }],
    ...{ left: 0, lost: 0, filesChanged: 2 },
  })
})

test('commits that only the first one has are counted', async () => {
  const one = await commit('a', 'first')
  const two = await commit('b', 'second')
  expect(await readCommitRange(dir, two, one)).toMatchObject({ commits: [], lost: 1 })
})

test('nothing is said about commits that git does not know, or that are none', async () => {
  const one = await commit('a', 'first')
  expect(await readCommitRange(dir, one, 'f'.repeat(40))).toBeNull()
  expect(await readCommitRange(dir, '--output=x', one)).toBeNull()
})
