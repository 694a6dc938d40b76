// What git knows about a project folder: commit, whether the tree differs from it, and who wrote it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { RunCode } from './run.ts'

const run = promisify(execFile)
const outside: RunCode = { commit: null, committedAt: null, dirty: false, authors: [] }

/** Outside a repository, before the first commit, or without git: all null, and the release says so. */
export async function readGitState(dir: string): Promise<RunCode> {
  const git = async (...args: string[]) =>
    (
      await run('git', ['-C', dir, ...args], { timeout: 10_000, maxBuffer: 16 * 1024 * 1024 })
    ).stdout.trim()
  try {
    const [commit = '', seconds = '', email = ''] = (
      await git('log', '-1', '--format=%H%n%ct%n%ae')
    ).split('\n')
    const changed = await git('status', '--porcelain', '--untracked-files=no', '--', '.')
    return {
      commit,
      committedAt: Number(seconds) * 1000,
      dirty: changed !== '',
      authors: [personOf(email)],
    }
  } catch {
    return outside
  }
}

/** `dana@example.org` commits as the person `dana`: the name that approvals are compared with. */
function personOf(email: string): string {
  return email.split('@')[0] ?? email
}
