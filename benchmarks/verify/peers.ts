// The peers from the Python package index, pinned, in a virtual environment of their own outside this repository.
import { spawnSync } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type TimedProcess, timedProcess } from './timed-process.ts'

// Evidently does not work with pandas 3.
const pinned = [
  'great_expectations==1.24.1',
  'pandera==0.35.0',
  'evidently==0.7.23',
  'fairlearn==0.15.0',
  'scikit-learn==1.9.1',
  'pandas==2.3.3',
  'pyarrow==26.0.1',
]

export const dataPeers = ['pandera', 'evidently', 'great_expectations'] as const

export interface PeerAnswer extends TimedProcess {
  readonly name: string
  readonly version: string
  /** From reading the table to the answer, without the start of Python and its imports. */
  readonly seconds: number
  /** Checks it was asked; a peer that has no such check is asked fewer. */
  readonly checks: number
  readonly held: boolean
}

/** The interpreter that has the peers, or a sentence why there is none. */
export function findPython(given: string | undefined): string | { readonly because: string } {
  const venv = given ?? join(tmpdir(), 'lockstep-benchmark-verify-peers')
  const python = join(venv, 'bin', 'python')
  const ready = join(venv, '.lockstep-ready')
  if (given !== undefined || existsSync(ready))
    return existsSync(python) ? python : { because: `${python} is not there` }
  const made = spawnSync('python3', ['-m', 'venv', venv])
  if (made.status !== 0) return { because: 'python3 cannot make a virtual environment here' }
  const put = spawnSync(python, ['-m', 'pip', 'install', '-q', ...pinned], { encoding: 'utf8' })
  if (put.status !== 0)
    return { because: `the packages cannot be had: ${put.stderr.trim().split('\n').at(-1)}` }
  writeFileSync(ready, pinned.join('\n'))
  return python
}

export function askPeer(python: string, name: string, folder: string): PeerAnswer {
  const script = fileURLToPath(new URL('peers.py', import.meta.url))
  const taken = timedProcess(python, [script, name, folder])
  const answer = JSON.parse(taken.stdout.trim().split('\n').at(-1) ?? '{}')
  return { ...taken, ...answer, name }
}
