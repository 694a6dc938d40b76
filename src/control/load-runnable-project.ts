// A project as it is loaded to be run or served: what only a gate could find wrong with its checks is refused now, not after training.
import { type LoadedProject, loadProject } from '../project/load-project.ts'
import { checkProblems } from '../verify/gates/language/check-problems.ts'

/** Throws `project.missing` or `project.invalid`; the latter lists every problem with its place. */
export function loadRunnableProject(dir: string): Promise<LoadedProject> {
  return loadProject(dir, checkProblems)
}
