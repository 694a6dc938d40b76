// Shares of rows by their class and answer: accuracy, and metrics of one class or of one cell of the confusion matrix
// (`recall[cat]`, `confusion[cat->dog]`).
import {
  answersOf,
  classConfusionOf,
  countClasses,
  faultOfClass,
  rateOfClass,
} from './class-confusion.ts'
import {
  type MetricDefinition,
  type MetricForm,
  patternForm,
  plainForm,
  type RowCounts,
} from './metric-definition.ts'
import { rowShare } from './row-shares.ts'
import type { MulticlassScored } from './scored.ts'

/** The share of right answers, under each of the names that mean the same where every row has one label. */
function shareOfRight(name: string, words: string): MetricDefinition<MulticlassScored> {
  return rowShare({
    ...{ name, words, counted: 'rows', better: 'higher' },
    rowCounts: (scored) => tally(scored, { isTrial: () => true, isSuccess: (a, b) => a === b }),
  })
}

function recallOf(name: string): MetricDefinition<MulticlassScored> {
  return rowShare({
    name: `recall[${name}]`,
    words: `recall of ${name}`,
    counted: `rows of ${name}`,
    better: 'higher',
    rowCounts: (scored) => {
      const at = scored.classes.indexOf(name)
      const isTrial = (label: number) => label === at
      return tally(scored, { isTrial, isSuccess: (_, answer) => answer === at })
    },
    fault: (scored) => faultOfClass(scored, name),
    compatValue: () => 0,
  })
}

function precisionOf(name: string): MetricDefinition<MulticlassScored> {
  return rowShare({
    name: `precision[${name}]`,
    words: `precision of ${name}`,
    counted: `rows answered ${name}`,
    better: 'higher',
    rowCounts: (scored) => {
      const at = scored.classes.indexOf(name)
      const isTrial = (_: number, answer: number) => answer === at
      return tally(scored, { isTrial, isSuccess: (label) => label === at })
    },
    fault: (scored) => faultOfClass(scored, name),
    compatValue: () => 0,
  })
}

/** The share of the rows of one class that were answered with another. */
function confused(truth: string, answer: string): MetricDefinition<MulticlassScored> {
  return rowShare({
    name: `confusion[${truth}->${answer}]`,
    words: `share of ${truth} answered ${answer}`,
    counted: `rows of ${truth}`,
    better: truth === answer ? 'higher' : 'lower',
    rowCounts: (scored) => {
      const from = scored.classes.indexOf(truth)
      const to = scored.classes.indexOf(answer)
      return tally(scored, {
        isTrial: (label) => label === from,
        isSuccess: (_, own) => own === to,
      })
    },
    fault: (scored) => faultOfClass(scored, truth) ?? faultOfClass(scored, answer),
    compatValue: () => 0,
  })
}

function f1Of(name: string): MetricDefinition<MulticlassScored> {
  const rows = `rows of ${name} or answered ${name}`
  return {
    name: `f1[${name}]`,
    words: `F1 of ${name}`,
    ...{ counted: rows, needs: rows, better: 'higher', range: [0, 1], shape: 'resampled' },
    support: (scored) => {
      const at = scored.classes.indexOf(name)
      const { truths, answers, hits } = countClasses(scored)
      return (truths[at] ?? 0) + (answers[at] ?? 0) - (hits[at] ?? 0)
    },
    prepare: (scored) => {
      const at = scored.classes.indexOf(name)
      const confusionOf = classConfusionOf(scored)
      return (weights) => rateOfClass('f1', confusionOf(weights), at)
    },
    fault: (scored) => faultOfClass(scored, name),
    compatValue: () => 0,
  }
}

/** Example names are of a class no model has: the real ones are known only with the rows. */
export const classForms: readonly MetricForm<MulticlassScored>[] = [
  plainForm(shareOfRight('accuracy', 'accuracy')),
  plainForm(shareOfRight('precision_micro', 'precision, all classes pooled')),
  plainForm(shareOfRight('recall_micro', 'recall, all classes pooled')),
  plainForm(shareOfRight('f1_micro', 'F1, all classes pooled')),
  patternForm(['recall[CLASS]'], /^recall\[(.+)\]$/s, (name) => recallOf(trimmed(name))),
  patternForm(['precision[CLASS]'], /^precision\[(.+)\]$/s, (name) => precisionOf(trimmed(name))),
  patternForm(['f1[CLASS]'], /^f1\[(.+)\]$/s, (name) => f1Of(trimmed(name))),
  patternForm(['confusion[CLASS->CLASS]'], /^confusion\[(.+?)->(.+)\]$/s, (truth, answer) =>
    confused(trimmed(truth), trimmed(answer)),
  ),
]

interface Tally {
  readonly isTrial: (label: number, answer: number) => boolean
  readonly isSuccess: (label: number, answer: number) => boolean
}

function tally(scored: MulticlassScored, { isTrial, isSuccess }: Tally): RowCounts {
  const { labels } = scored
  const answers = answersOf(scored)
  const successes = new Uint8Array(labels.length)
  const trials = new Uint8Array(labels.length)
  for (let row = 0; row < labels.length; row++) {
    const label = labels[row] ?? 0
    const answer = answers[row] ?? 0
    if (!isTrial(label, answer)) continue
    trials[row] = 1
    if (isSuccess(label, answer)) successes[row] = 1
  }
  return { successes, trials }
}

function trimmed(name: string | undefined): string {
  return (name ?? '').trim()
}
