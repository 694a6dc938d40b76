// What git knows about the way from one commit to another.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

export interface CommitRange {
  /** Newest first. */
  readonly commits: readonly {
    readonly id: string
    readonly author: string
    readonly subject: string
  }[]
  /** More than are listed. */
  readonly left: number
  /** Commits that only the first one has. */
  readonly lost: number
  readonly filesChanged: number
}

const listed = 30

/** Null when git is not there or does not know one of the commits. */
export async function readCommitRange(
  dir: string,
  before: string,
  after: string,
): Promise<CommitRange | null> {
  const git = async (...args: string[]) =>
    (await run('git', ['-C', dir, ...args], { timeout: 10_000, maxBuffer: 16 * 1024 * 1024 }))
      .stdout
  // A commit id never begins with a dash, so it can be no option.
  if (![before, after].every((id) => /^[0-9a-f]{7,64}$/.test(id))) return null
  try {
    const log = await git('log', `-${listed}`, '--format=%H%x09%an%x09%s', `${before}..${after}`)
    const count = Number(await git('rev-list', '--count', `${before}..${after}`))
    const lost = Number(await git('rev-list', '--count', `${after}..${before}`))
    const files = await git('diff', '--name-only', before, after, '--', '.')
    const commits = log
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => {
        const [id = '', author = '', ...subject] = line.split('\t')
        return { id, author, subject: subject.join(' ') }
      })
    return {
      commits,
      left: Math.max(0, count - commits.length),
      lost,
      filesChanged: files.split('\n').filter((line) => line !== '').length,
    }
  } catch {
    return null
  }
}
