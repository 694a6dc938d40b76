// What git knows about a project folder: commit, whether the tree differs from it, and who wrote it.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { RunCode } from './run.ts'

const run = promisify(execFile)
const outside: RunCode = { commit: null, committedAt: null, dirty: false, authors: [] }

/**
 * Outside a repository, before the first commit, or without git: all null, and the release says so. Authors are those of every commit
 * since `since` (what serves now), of the last one alone when that is null or git does not know it.
 */
export async function readGitState(dir: string, since: string | null): Promise<RunCode> {
  const git = async (...args: string[]) =>
    (
      await run('git', ['-C', dir, ...args], { timeout: 10_000, maxBuffer: 16 * 1024 * 1024 })
    ).stdout.trim()
  try {
    const [commit = '', seconds = '', email = ''] = (
      await git('log', '-1', '--format=%H%n%ct%n%ae')
    ).split('\n')
    const [changed, earlier] = await Promise.all([
      git('status', '--porcelain', '--untracked-files=no', '--', '.'),
      // A commit id never begins with a dash, so it can be no option.
      since !== null && /^[0-9a-f]{7,64}$/.test(since)
        ? git('log', '--format=%ae', `${since}..HEAD`).catch(() => '')
        : '',
    ])
    const addresses = [email, ...earlier.split('\n')].filter((address) => address !== '')
    return {
      commit,
      committedAt: Number(seconds) * 1000,
      dirty: changed !== '',
      authors: [...new Set(addresses.map(personOf))],
    }
  } catch {
    return outside
  }
}

/** `dana@example.org` commits as the person `dana`: the name that approvals are compared with. */
function personOf(email: string): string {
  return email.split('@')[0] ?? email
}
