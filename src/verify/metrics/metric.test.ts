import { describe, expect, it } from 'vitest'
import { undefinedWords } from './compat-words.ts'
import { knownMetricNames, metricFor, metricNames, parseMetricName, tasks } from './metric.ts'
import type { BinaryScored, MulticlassScored } from './scored.ts'

describe('names', () => {
  it.each([
    ['auc', 'roc_auc'],
    ['ece', 'ece@15u'],
    ['ece@010q', 'ece@10q'],
    ['tpr', 'recall'],
    ['for', 'false_omission_rate'],
    ['ap', 'average_precision'],
    ['precision@recall=0.90', 'precision@recall=0.9'],
    ['recall@fpr=1%', 'recall@fpr=0.01'],
    ['recall@k=0.1', 'recall@k=10%'],
    ['recall@k=7%', 'recall@k=7%'],
    ['precision@k=100', 'precision@k=100'],
    ['cost@fp=1.0, fn=5', 'cost@fp=1,fn=5'],
    ['fbeta@1', 'f1'],
    ['fbeta@0.50', 'fbeta@0.5'],
    ['lift', 'lift@10%'],
    [' f1_macro ', 'f1_macro'],
    ['recall[hot dog]', 'recall[hot dog]'],
    ['confusion[cat -> dog]', 'confusion[cat->dog]'],
  ])('%s is %s', (written, normal) => {
    expect(parseMetricName(written)).toBe(normal)
    expect(parseMetricName(normal)).toBe(normal)
  })

  it.each([
    '',
    'aucc',
    'ece@1u',
    'ece@15x',
    'recall@fpr=0',
    'recall@fpr=2',
    'top@0',
    'fbeta@0',
    'lift@x',
  ])('there is no metric "%s"', (name) => expect(parseMetricName(name)).toBeUndefined())

  it('of every task are found under their own name, described, and once', () => {
    for (const task of tasks) {
      const names = metricNames(task)
      expect(new Set(names).size).toBe(names.length)
      for (const name of names) {
        const metric = metricFor(task, name)
        expect(metric?.name).toBe(name)
        expect(metric?.words.length).toBeGreaterThan(1)
        expect(metric?.shape === 'proportion').toBe(metric?.count !== undefined)
        expect(metric?.shape === 'mean').toBe(metric?.rowValues !== undefined)
      }
    }
    for (const name of knownMetricNames) expect(parseMetricName(name), name).toBeDefined()
  })

  it('that mean several averages are not guessed for a multiclass model', () => {
    for (const name of ['f1', 'recall', 'roc_auc']) {
      expect(metricFor('multiclass', name), name).toBeUndefined()
    }
  })
})

describe('rows that cannot be asked', () => {
  const logits: BinaryScored = {
    task: 'binary',
    labels: Uint8Array.of(1, 0),
    scores: Float64Array.of(2.5, -1),
    threshold: 0,
  }
  const cats: MulticlassScored = {
    task: 'multiclass',
    classes: ['cat', 'dog'],
    labels: Uint32Array.of(0, 1),
    scores: Float64Array.of(1, 1, 0.2, 0.8),
  }

  it('logits have a ranking but no log loss', () => {
    expect(metricFor('binary', 'roc_auc')?.fault(logits)).toBeUndefined()
    expect(metricFor('binary', 'log_loss')?.fault(logits)).toContain('row 0 has the score 2.5')
    expect(metricFor('binary', 'ece')?.fault(logits)).toContain('no probability')
  })

  it('a model sure of every class cannot win by it', () => {
    expect(metricFor('multiclass', 'log_loss')?.fault(cats)).toContain('add up to 2')
    expect(metricFor('multiclass', 'accuracy')?.fault(cats)).toBeUndefined()
  })

  it('a class nobody has is named, with the nearest', () => {
    expect(metricFor('multiclass', 'recall[cta]')?.fault(cats)).toContain('did you mean cat?')
    expect(metricFor('multiclass', 'confusion[cat->owl]')?.fault(cats)).toContain('cat, dog')
    expect(metricFor('multiclass', 'recall[cta]')?.value(cats)).toBeUndefined()
  })

  it('the first two of two classes are no test', () => {
    expect(metricFor('multiclass', 'top@2')?.fault(cats)).toContain('always right')
  })

  it('an undefined metric says what it needs, and what scikit-learn prints instead', () => {
    const nobody = { ...logits, labels: Uint8Array.of(0, 0), threshold: 9 }
    const says = (name: string) => {
      const metric = metricFor('binary', name)
      return metric && undefinedWords(metric, nobody)
    }
    expect(says('precision')).toBe('undefined: it needs selected rows (scikit-learn prints 0)')
    expect(says('roc_auc')).toContain('positives and negatives (scikit-learn prints nan)')
    expect(says('fdr')).toBe('undefined: it needs selected rows')
    expect(says('specificity')).toBeUndefined()
  })
})
