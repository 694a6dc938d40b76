// Probabilities kept off 0 and 1, where a logarithm has no value.

// scikit-learn clips at the machine epsilon of the scores' type; ours are float64.
const epsilon = Number.EPSILON

export function clipProbability(score: number): number {
  return Math.min(1 - epsilon, Math.max(epsilon, score))
}
