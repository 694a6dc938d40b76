// The project as declared right now, re-read when its file changes; while the file is wrong the last good one stays in force.
import { stat } from 'node:fs/promises'
import { sentenceOf } from '../foundation/errors.ts'
import type { Logger } from '../foundation/logger.ts'
import type { LoadedProject } from '../project/load-project.ts'
import type { ProjectSpec } from '../project/project-spec.ts'
import { loadRunnableProject } from './load-runnable-project.ts'

export interface ProjectSource {
  /** The last declaration that could be read. */
  spec(): ProjectSpec
  /** Reads the file again if it changed; keeps the last good one when it is wrong. */
  refresh(): Promise<void>
}

/** Throws when the first reading fails: there is nothing to keep yet. */
export async function openProjectSource(dir: string, logger: Logger): Promise<ProjectSource> {
  let current: LoadedProject = await loadRunnableProject(dir)
  let seen = await changedAt(current.file)
  return {
    spec: () => current.spec,
    async refresh() {
      const at = await changedAt(current.file)
      if (at === seen) return
      seen = at
      try {
        current = await loadRunnableProject(dir)
      } catch (error) {
        logger.warn('lockstep.yaml changed and is wrong; the last good one stays in force', {
          error: sentenceOf(error),
        })
      }
    },
  }
}

async function changedAt(file: string): Promise<number> {
  return stat(file).then(
    (found) => found.mtimeMs,
    () => 0,
  )
}
