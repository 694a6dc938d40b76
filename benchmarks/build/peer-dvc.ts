// DVC from the Python package index, in a virtual environment of its own outside this repository, and projects for it.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stopwatch } from '../../src/foundation/system-clock.ts'

const pinned = '3.67.1'

export interface Dvc {
  readonly version: string
  /** Runs it in `folder`; the milliseconds it took. */
  run(folder: string, ...words: string[]): number
  /** Milliseconds that its own library takes to hash a folder; nothing is stored and nothing is known before. */
  hashFolder(folder: string): number
}

/** Undefined when Python or the package cannot be had: then nothing is compared. */
export function installDvc(): Dvc | undefined {
  const venv = join(tmpdir(), `lockstep-benchmark-dvc-${pinned}`)
  const bin = (name: string) => join(venv, 'bin', name)
  if (!existsSync(bin('dvc'))) {
    const made = spawnSync('python3', ['-m', 'venv', venv]).status === 0
    const put = made && spawnSync(bin('pip'), ['install', '-q', `dvc==${pinned}`]).status === 0
    if (!put) return undefined
  }
  const { stdout } = spawnSync(bin('dvc'), ['--version'], { encoding: 'utf8' })
  return {
    version: stdout.trim(),
    run: (folder, ...words) => timed(bin('dvc'), words, folder),
    hashFolder(folder) {
      const script = [
        'import sys, time',
        'from dvc_objects.fs.local import LocalFileSystem',
        'from dvc_data.hashfile.build import build',
        'from dvc_data.hashfile.db.local import LocalHashFileDB',
        'fs = LocalFileSystem()',
        'odb = LocalHashFileDB(fs, sys.argv[1] + "-odb")',
        'start = time.perf_counter()',
        'build(odb, sys.argv[1], fs, "md5", dry_run=True)',
        'print((time.perf_counter() - start) * 1000)',
      ].join('\n')
      const ran = spawnSync(bin('python'), ['-c', script, folder], { encoding: 'utf8' })
      if (ran.status !== 0) throw new Error(`dvc could not hash: ${ran.stderr.slice(-500)}`)
      return Number(ran.stdout)
    },
  }
}

/** A project whose one stage counts the files of `images`, which is there already. */
export function countingProject(dvc: Dvc, folder: string): void {
  dvc.run(folder, 'init', '--no-scm', '-q')
  writeFileSync(
    join(folder, 'dvc.yaml'),
    'stages:\n  count:\n    cmd: find images -type f | wc -l > count.txt\n    deps: [images]\n    outs: [count.txt]\n',
  )
}

export function manyStagesProject(dvc: Dvc, folder: string, stages: number): void {
  mkdirSync(folder, { recursive: true })
  dvc.run(folder, 'init', '--no-scm', '-q')
  const items = Array.from({ length: stages }, (_, at) => `s${at}`).join(', ')
  writeFileSync(
    join(folder, 'dvc.yaml'),
    `stages:\n  make:\n    foreach: [${items}]\n    do:\n      cmd: echo made by \${item} > \${item}.txt\n      outs: ["\${item}.txt"]\n`,
  )
}

function timed(program: string, words: readonly string[], cwd: string): number {
  const elapsed = stopwatch()
  const { status, stderr } = spawnSync(program, words, {
    ...{ cwd, encoding: 'utf8', stdio: ['ignore', 'ignore', 'pipe'] },
  })
  if (status !== 0) throw new Error(`dvc ${words.join(' ')} ended with ${status}: ${stderr}`)
  return elapsed()
}
