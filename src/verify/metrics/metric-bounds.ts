// Estimate and bounds from recorded statistics alone: the same function judges today and replays years later.
import { type Bounds, pairedDifference, wilson } from '../statistics/proportion-bounds.ts'
import type { MetricStatistics } from './metric-statistics.ts'
import type { PairedStatistics } from './paired-statistics.ts'

export interface Estimated extends Partial<Bounds> {
  readonly estimate?: number
  /** Rows in the denominator of the scarcer class: what decides how wide the bounds are. */
  readonly n: number
  /** As it is written in a report. */
  readonly method: string
  /** Bounds lean on a normal approximation that needs some rows. */
  readonly isApproximate: boolean
  readonly because?: string
}

/** Bounds of a metric; `z` carries the confidence. */
export function boundMetric(statistics: MetricStatistics, z: number): Estimated {
  switch (statistics.method) {
    case 'proportion': {
      const { successes, trials } = statistics
      const shared = { n: trials, method: 'Wilson score', isApproximate: false }
      if (trials === 0) return { ...shared, because: 'its denominator is empty' }
      return { ...shared, estimate: successes / trials, ...wilson(statistics, z) }
    }
    case 'overlap':
      return boundF1(statistics, z)
    case 'balanced':
      return boundBalanced(statistics, z)
    case 'mean': {
      const { mean, sd, n } = statistics
      const method = 'normal, mean of rows'
      if (n < 2) return { n, method, isApproximate: true, because: 'one row has no spread' }
      return { n, method, isApproximate: true, ...around(mean, (z * sd) / Math.sqrt(n)) }
    }
    case 'delong':
      return boundAuc(statistics, z)
    case 'bootstrap': {
      const { estimate, se, n, replicates } = statistics
      const method = `bootstrap, ${replicates} replicates`
      return { n, method, isApproximate: true, ...around(estimate, z * se) }
    }
    case 'undefined':
      return { n: statistics.n, method: 'none', isApproximate: false, because: statistics.because }
  }
}

/** Bounds of own − reference. */
export function boundPair(statistics: PairedStatistics, z: number): Estimated {
  switch (statistics.method) {
    case 'paired_proportion': {
      const { own, reference, trials } = statistics
      return {
        n: trials,
        method: 'Bonett-Price, paired',
        isApproximate: false,
        estimate: own - reference,
        ...pairedDifference(statistics, z),
      }
    }
    case 'paired_mean': {
      const { own, reference, sd, n } = statistics
      const method = 'normal, paired rows'
      if (n < 2) return { n, method, isApproximate: true, because: 'one row has no spread' }
      const half = (z * sd) / Math.sqrt(n)
      return { n, method, isApproximate: true, ...around(own - reference, half) }
    }
    case 'paired_delong': {
      const { own, reference, se, positives, negatives } = statistics
      const n = Math.min(positives, negatives)
      return {
        n,
        method: 'DeLong, paired',
        isApproximate: true,
        ...around(own - reference, z * se),
      }
    }
    case 'paired_bootstrap': {
      const { own, reference, se, n, replicates } = statistics
      const method = `paired bootstrap, ${replicates} replicates`
      return { n, method, isApproximate: true, ...around(own - reference, z * se) }
    }
    case 'undefined':
      return { n: statistics.n, method: 'none', isApproximate: false, because: statistics.because }
  }
}

function around(estimate: number, half: number): Bounds & { estimate: number } {
  return { estimate, lower: estimate - half, upper: estimate + half }
}

/** F1 = 2J / (1 + J), where J = tp / (tp + fp + fn) is a proportion: Wilson's bounds go through the same curve. */
function boundF1(
  { tp, fp, fn }: { readonly tp: number; readonly fp: number; readonly fn: number },
  z: number,
): Estimated {
  const trials = tp + fp + fn
  const shared = { n: trials, method: 'Wilson score of the overlap', isApproximate: false }
  if (trials === 0) return { ...shared, because: 'nothing is positive and nothing was selected' }
  const curve = (overlap: number) => (2 * overlap) / (1 + overlap)
  const { lower, upper } = wilson({ successes: tp, trials }, z)
  return { ...shared, estimate: curve(tp / trials), lower: curve(lower), upper: curve(upper) }
}

/** The mean of two independent proportions: the squares of their Wilson distances add up (Zou & Donner 2008). */
function boundBalanced(
  {
    tp,
    fn,
    tn,
    fp,
  }: { readonly tp: number; readonly fn: number; readonly tn: number; readonly fp: number },
  z: number,
): Estimated {
  const n = Math.min(tp + fn, tn + fp)
  const shared = { n, method: 'Wilson scores, combined', isApproximate: false }
  if (n === 0) return { ...shared, because: 'one of the classes is absent' }
  const recall = tp / (tp + fn)
  const specificity = tn / (tn + fp)
  const one = wilson({ successes: tp, trials: tp + fn }, z)
  const two = wilson({ successes: tn, trials: tn + fp }, z)
  const estimate = (recall + specificity) / 2
  return {
    ...shared,
    estimate,
    lower: estimate - Math.hypot(recall - one.lower, specificity - two.lower) / 2,
    upper: estimate + Math.hypot(one.upper - recall, two.upper - specificity) / 2,
  }
}

/**
 * On the logit scale, so that the bounds stay inside (0, 1). Where DeLong sees no spread (AUC 0 or 1, or a constant
 * score), its variance is at most AUC (1 − AUC) / min(P, N) (Birnbaum & Klose 1957): a Wilson interval with that n.
 */
function boundAuc(
  { auc, se, positives, negatives }: MetricStatistics & { method: 'delong' },
  z: number,
): Estimated {
  const n = Math.min(positives, negatives)
  if (se === 0 || auc <= 0 || auc >= 1) {
    const method = 'Wilson score of the scarcer class'
    return {
      n,
      method,
      isApproximate: false,
      estimate: auc,
      ...wilson({ successes: auc * n, trials: n }, z),
    }
  }
  const logit = Math.log(auc / (1 - auc))
  const half = (z * se) / (auc * (1 - auc))
  const back = (x: number) => 1 / (1 + Math.exp(-x))
  return {
    n,
    method: 'DeLong, logit scale',
    isApproximate: true,
    estimate: auc,
    lower: back(logit - half),
    upper: back(logit + half),
  }
}
