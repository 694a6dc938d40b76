import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Metric, metricFor, metricNames } from './metric.ts'
import { type BinaryScored, type MulticlassScored, type Scored, selectRows } from './scored.ts'

const rowsOfBinary = fc.record({
  rows: fc.array(
    fc.record({
      label: fc.nat(1),
      // Steps of 1/8: many ties, and scores on bin edges.
      score: fc.oneof(
        fc.nat(8).map((eighths) => eighths / 8),
        fc.double({ min: 0, max: 1, noNaN: true }),
      ),
      weight: fc.nat(3),
    }),
    { minLength: 1, maxLength: 40 },
  ),
  threshold: fc.constantFrom(0.25, 0.5, 0.75),
})

const rowsOfMulticlass = fc.array(
  fc.record({
    label: fc.nat(2),
    odds: fc.tuple(fc.integer({ min: 1, max: 5 }), fc.nat(5), fc.nat(5)),
    weight: fc.nat(3),
  }),
  { minLength: 1, maxLength: 40 },
)

type Weighted<S> = S & { readonly weights: Float64Array }

const binary = rowsOfBinary.map(
  ({ rows, threshold }): Weighted<BinaryScored> => ({
    task: 'binary',
    labels: Uint8Array.from(rows, ({ label }) => label),
    scores: Float64Array.from(rows, ({ score }) => score),
    weights: Float64Array.from(rows, ({ weight }) => weight),
    threshold,
  }),
)

const multiclass = rowsOfMulticlass.map(
  (rows): Weighted<MulticlassScored> => ({
    task: 'multiclass',
    classes: ['a', 'b', 'c'],
    labels: Uint32Array.from(rows, ({ label }) => label),
    scores: Float64Array.from(
      rows.flatMap(({ odds }) => odds.map((odd) => odd / (odds[0] + odds[1] + odds[2]))),
    ),
    weights: Float64Array.from(rows, ({ weight }) => weight),
  }),
)

const anyRows: fc.Arbitrary<Weighted<Scored>> = fc.oneof(binary, multiclass)

function metricsOf({ task }: Scored): Metric[] {
  const perClass = ['recall[a]', 'precision[b]', 'f1[c]', 'confusion[a->b]', 'top@2']
  const names =
    task === 'multiclass'
      ? [...metricNames(task).filter((name) => !name.includes('CLASS')), ...perClass]
      : [...metricNames(task), 'precision@k=3', 'recall@k=30%', 'fbeta@0.5']
  return names.flatMap((name) => metricFor(task, name) ?? [])
}

function sameValue(one: number | undefined, other: number | undefined, name: string): void {
  if (one === undefined || other === undefined) expect(one, name).toBe(other)
  else
    expect(
      Math.abs(one - other) / Math.max(1, Math.abs(one)),
      `${name}: ${one}, ${other}`,
    ).toBeLessThan(1e-9)
}

describe('for any rows', () => {
  it('their order does not matter', () => {
    const reversed = (rows: number) =>
      Uint32Array.from({ length: rows }, (_, row) => rows - 1 - row)
    fc.assert(
      fc.property(anyRows, (scored) => {
        const turned = selectRows(scored, reversed(scored.labels.length))
        for (const metric of metricsOf(scored)) {
          sameValue(metric.value(scored), metric.value(turned), metric.name)
        }
      }),
    )
  })

  it('a weight of 3 is the row three times, and 0 is none; so is resampling', () => {
    fc.assert(
      fc.property(anyRows, (scored) => {
        const repeats = [...scored.weights].flatMap((weight, row) => Array(weight).fill(row))
        fc.pre(repeats.length > 0)
        const { weights, ...unweighted } = scored
        const repeated = selectRows(unweighted, Uint32Array.from(repeats))
        for (const metric of metricsOf(scored)) {
          // Quantile bins of weighted rows have other edges; with no weights, they stay where all rows put them.
          if (metric.name.endsWith('q')) continue
          const value = metric.value(repeated)
          sameValue(metric.value(scored), value, metric.name)
          sameValue(metric.prepare(unweighted)(Uint8Array.from(weights)), value, metric.name)
        }
      }),
    )
  })

  it('the scale of weights does not matter, except to the first K rows', () => {
    fc.assert(
      fc.property(anyRows, (scored) => {
        const scaled = { ...scored, weights: scored.weights.map((weight) => weight * 1e-3) }
        for (const metric of metricsOf(scored)) {
          if (/@k=\d+$/.test(metric.name)) continue
          sameValue(metric.value(scored), metric.value(scaled), metric.name)
        }
      }),
    )
  })

  it('values lie in their range, and a proportion is what it counts', () => {
    fc.assert(
      fc.property(anyRows, ({ weights: _, ...scored }) => {
        for (const metric of metricsOf(scored)) {
          const value = metric.value(scored)
          const [least, most] = metric.range
          if (value !== undefined) {
            expect(value, metric.name).toBeGreaterThanOrEqual(least - 1e-12)
            expect(value, metric.name).toBeLessThanOrEqual(most + 1e-12)
          }
          const count = metric.count?.(scored)
          const ofRows = metric.rowCounts?.(scored)
          if (ofRows) {
            const sum = (flags: Uint8Array) => flags.reduce((total, flag) => total + flag, 0)
            expect({ successes: sum(ofRows.successes), trials: sum(ofRows.trials) }).toEqual(count)
          }
          if (count)
            sameValue(count.trials ? count.successes / count.trials : undefined, value, metric.name)
        }
      }),
    )
  })

  it('what ranks is unchanged by a rising change of the scores', () => {
    const ranking = [
      'roc_auc',
      'average_precision',
      'ks',
      'precision@recall=0.9',
      'recall@precision=0.5',
    ]
    const top = ['recall@fpr=0.1', 'precision@k=3', 'recall@k=20%', 'lift@10%']
    fc.assert(
      fc.property(binary, (scored) => {
        const bent = { ...scored, scores: scored.scores.map((score) => 7 * score ** 3 - 2) }
        // The cube may join two tiny scores that were apart: then they are other scores.
        fc.pre(new Set(bent.scores).size === new Set(scored.scores).size)
        for (const name of [...ranking, ...top]) {
          const metric = metricFor('binary', name)
          sameValue(metric?.value(scored), metric?.value(bent), name)
        }
      }),
    )
  })

  it('a model of two classes is the binary one', () => {
    fc.assert(
      fc.property(binary, ({ labels, weights, ...given }) => {
        // Steps of 1/1024, so that 1 − score is exact.
        const scores = given.scores.map((score) => Math.round(score * 1024) / 1024)
        const own: BinaryScored = {
          task: 'binary',
          labels,
          scores,
          weights,
          threshold: 0.5 + 1e-12,
        }
        const both = Float64Array.from({ length: 2 * labels.length }, (_, at) => {
          const score = scores[at >> 1] ?? 0
          return at % 2 === 1 ? score : 1 - score
        })
        const two: MulticlassScored = {
          task: 'multiclass',
          classes: ['no', 'yes'],
          labels: Uint32Array.from(labels),
          scores: both,
          weights,
        }
        for (const [one, other] of [
          ['roc_auc', 'roc_auc_ovo'],
          ['roc_auc', 'roc_auc_ovr'],
          ['accuracy', 'accuracy'],
          ['mcc', 'mcc'],
          ['kappa', 'kappa'],
          ['recall', 'recall[yes]'],
          ['specificity', 'recall[no]'],
          ['precision', 'precision[yes]'],
          ['npv', 'precision[no]'],
          ['f1', 'f1[yes]'],
          ['fpr', 'confusion[no->yes]'],
        ] as const) {
          const first = metricFor('binary', one)?.value(own)
          sameValue(first, metricFor('multiclass', other)?.value(two), `${one}, ${other}`)
        }
      }),
    )
  })
})
