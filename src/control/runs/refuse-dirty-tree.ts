// A release comes from a commit unless the project allows otherwise: a run on changed files ends before its first step.
import { LockstepError } from '../../foundation/errors.ts'
import type { ResolvedInputs } from './resolve-inputs.ts'

/** Throws `run.dirty_tree`. Outside git there is no commit to differ from, and the manifest says so. */
export function refuseDirtyTree({ code, project }: Pick<ResolvedInputs, 'code' | 'project'>): void {
  if (!code.dirty || project.spec.release.dirty === 'allow') return
  throw new LockstepError({
    code: 'run.dirty_tree',
    kind: 'precondition',
    message: `the project's files differ from commit ${code.commit?.slice(0, 9)}, and a release must come from a commit; no step was run`,
    hint: 'commit the changes (git status shows them), try out a part of the pipeline with --to STEP, or write release: {dirty: allow} into lockstep.yaml',
  })
}
