// The gates of the income example, all of them: data, quality, fairness, robustness, readiness and security, with their report.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lockstepCommand } from './data-gate.ts'
import { timedProcess } from './timed-process.ts'

/** The model is made already and the limits of the gates change: everything is judged anew. Milliseconds of `run` and `gate report`, of the quicker of two. */
export function incomeGatesMs(): number {
  const dir = mkdtempSync(join(tmpdir(), 'lockstep-bench-income-'))
  const project = join(dir, 'income')
  const lockstep = (...words: string[]) =>
    timedProcess(process.execPath, [lockstepCommand, ...words], dir).wallMs
  const judged = (limit: string) => {
    const file = join(project, 'lockstep.yaml')
    const before = readFileSync(file, 'utf8')
    const changed = before.replace(/gap\(tpr\) <= [\d.]+/, `gap(tpr) <= ${limit}`)
    if (changed === before) throw new Error('the example has no check of gap(tpr) any more')
    writeFileSync(file, changed)
    const page = join(dir, 'gates.html')
    return (
      lockstep('run', '--project', project) +
      lockstep('gate', 'report', '--project', project, '-o', page)
    )
  }
  try {
    lockstep('init', 'income')
    lockstep('run', '--project', project)
    return Math.min(judged('0.11'), judged('0.12'))
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}
