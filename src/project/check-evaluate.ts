// What `evaluate:` points at must exist, and what it declares must go together: a task has the fields it needs and no others. Pure.
import type { Report } from './problems.ts'
import type { EvaluateSpec, ProjectSpec } from './project-spec.ts'

/** Reports a word that is not among the choices; check-references.ts has it. */
export type MustBe = (
  path: readonly string[],
  word: string,
  choices: readonly string[],
  what: string,
) => void

export function checkEvaluate(
  spec: ProjectSpec,
  readable: readonly string[],
  report: Report,
  mustBe: MustBe,
): void {
  const { evaluate } = spec
  mustBe(['evaluate', 'data'], evaluate.data, readable, 'dataset or step output')
  if (evaluate.train !== null)
    mustBe(['evaluate', 'train'], evaluate.train, readable, 'dataset or step output')
  if (evaluate.predictions !== null)
    mustBe(
      ['evaluate', 'predictions'],
      evaluate.predictions.file,
      readable,
      'dataset or step output',
    )
  checkClasses(evaluate, report)
  checkColumns(evaluate, report)
  checkRoles(evaluate, report)
}

function checkClasses({ task, classes, predictions }: EvaluateSpec, report: Report): void {
  const at = ['evaluate', 'classes']
  if (classes === null) return
  const twice = classes.find((name, index) => classes.indexOf(name) !== index)
  if (twice !== undefined) report(at, `the class '${twice}' is listed twice`)
  if (task === 'regression' || task === 'ranking')
    report(at, `a ${task} has no classes`, 'leave classes out, or correct evaluate.task')
  if (task === 'binary' && classes.length !== 2)
    report(at, `a binary task has two classes; found ${classes.length}`, 'use task: multiclass')
  const columns = predictions?.columns?.length ?? null
  if (task === 'multiclass' && columns !== null && columns !== classes.length)
    report(
      ['evaluate', 'predictions', 'columns'],
      `${columns} columns of predictions do not match ${classes.length} classes`,
      'list one column per class, in the order of evaluate.classes',
    )
}

/** A column has one part to play; the label among the groups would be judged by itself. */
function checkColumns(evaluate: EvaluateSpec, report: Report): void {
  const { label, groups, weights, query, time } = evaluate
  const twice = groups.find((name, index) => groups.indexOf(name) !== index)
  if (twice !== undefined) report(['evaluate', 'groups'], `the column '${twice}' is listed twice`)
  const taken = new Map([[label, 'the label']])
  for (const [key, name] of [
    ['weights', weights],
    ['query', query],
    ['time', time],
  ] as const) {
    if (name === null) continue
    const role = taken.get(name)
    if (role !== undefined) report(['evaluate', key], `the column '${name}' is already ${role}`)
    else taken.set(name, `evaluate.${key}`)
  }
}

function checkRoles(evaluate: EvaluateSpec, report: Report): void {
  const { task, query, time, blockMs, maturedMs, clusterBy, predictions } = evaluate
  if (task === 'ranking' && query === null)
    report(
      ['evaluate', 'task'],
      'a ranking needs the column that says which query a row belongs to',
      'add query: <column>',
    )
  if (task !== 'ranking' && query !== null)
    report(['evaluate', 'query'], `a ${task} task has no queries`, 'use task: ranking')
  if (task === 'ranking' && clusterBy !== null && clusterBy !== query)
    report(
      ['evaluate', 'cluster_by'],
      'the bounds of a ranking are over its queries',
      'leave cluster_by out',
    )
  for (const [key, span] of [
    ['block', blockMs],
    ['matured', maturedMs],
  ] as const) {
    if (span === null) continue
    if (time === null)
      report(
        ['evaluate', key],
        `${key} needs the column that says when a row happened`,
        'add time: <column>',
      )
    if (span <= 0) report(['evaluate', key], `${key} must be longer than nothing`)
  }
  if (blockMs !== null && clusterBy !== null)
    report(
      ['evaluate', 'block'],
      'rows are drawn by block of time or by cluster_by, not by both',
      'leave one of them out',
    )
  if (predictions?.columns && task !== 'multiclass' && predictions.columns.length !== 1)
    report(
      ['evaluate', 'predictions', 'columns'],
      `a ${task} prediction is one column; found ${predictions.columns.length}`,
    )
}
