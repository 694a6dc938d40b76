// Files of the project that checks read beside the data: a run that would be judged by other ones is another run.
import { join } from 'node:path'
import { type Digest, digestOfFile } from '../../../foundation/digest.ts'
import type { ProjectSpec } from '../../../project/project-spec.ts'
import { normalisedPath } from '../../../verify/readiness/report-path.ts'
import { readinessChecks } from '../readiness/plan-readiness.ts'

/** By path; null where there is no such file (yet). */
export async function gateFiles(
  dir: string,
  spec: ProjectSpec,
): Promise<Readonly<Record<string, Digest | null>>> {
  const { runbook } = spec.model
  const golden = readinessChecks(spec).readiness.flatMap(({ subject }) =>
    subject.what === 'golden' ? [subject.file] : [],
  )
  const asked = [...new Set([...golden, ...(runbook === null ? [] : [runbook])])].sort()
  const found = asked.map(async (path) => {
    const inside = normalisedPath(path)
    const digest = inside === undefined ? null : digestOfFile(join(dir, inside)).catch(() => null)
    return [path, await digest] as const
  })
  return Object.fromEntries(await Promise.all(found))
}
