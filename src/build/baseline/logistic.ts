// L2-regularised logistic regression by Newton's method on the sparse one-hot rows. Pure and deterministic.
//
// Objective, as scikit-learn's LogisticRegression: C · Σ log-loss + ½ w·w, intercept unpenalised; here divided by C · rows,
// so that gradients do not depend on the number of rows. Newton steps solve (X'WX + λI) s = −g by Cholesky and are halved
// until the objective falls (Boyd & Vandenberghe, Convex Optimization, 9.5).
import { solveSymmetric } from './cholesky.ts'
import type { DesignMatrix } from './design-matrix.ts'

export interface FitProgress {
  readonly iteration: number
  /** Mean over rows, without the penalty. */
  readonly logLoss: number
  /** Largest absolute component of the gradient of the mean objective. */
  readonly gradientNorm: number
}

export interface Fit extends FitProgress {
  readonly converged: boolean
  /** One per feature. */
  readonly coefficients: Float64Array
  readonly intercept: number
}

export interface FitOptions {
  readonly C: number
  readonly maxIterations: number
  readonly onProgress?: ((progress: FitProgress) => void) | undefined
}

/** Both relative: to the first gradient, and to the largest coefficient. Newton's convergence is quadratic, so both are cheap. */
const tolerance = 1e-8

export function fitLogistic(design: DesignMatrix, label: Uint8Array, options: FitOptions): Fit {
  const width = design.features.length + 1
  const penalty = 1 / (options.C * design.rows)
  const weights = new Float64Array(width)
  weights[width - 1] = logOdds(label)
  const problem: Problem = { design, label, penalty }
  let firstNorm = 0
  let stepSize = Number.POSITIVE_INFINITY
  for (let iteration = 0; ; iteration++) {
    const { logLoss, objective, gradient, hessian } = curvatureAt(problem, weights)
    const gradientNorm = largest(gradient)
    options.onProgress?.({ iteration, logLoss, gradientNorm })
    if (iteration === 0) firstNorm = gradientNorm
    const flat = gradientNorm <= tolerance * firstNorm
    const converged = flat && stepSize <= tolerance * Math.max(1, largest(weights))
    const end = { iteration, logLoss, gradientNorm, intercept: weights[width - 1] ?? 0 }
    if (converged || iteration >= options.maxIterations) {
      return { ...end, converged, coefficients: weights.slice(0, width - 1) }
    }
    const step = solveSymmetric(hessian, gradient)
    const scale = lineSearch(problem, { weights, step, objective, gradient })
    // No shorter step falls any more: the objective is flat to the last bit, which is as good as it gets.
    if (scale === 0) return { ...end, converged: flat, coefficients: weights.slice(0, width - 1) }
    for (let i = 0; i < width; i++) weights[i] = (weights[i] ?? 0) - scale * (step[i] ?? 0)
    stepSize = scale * largest(step)
  }
}

/** The linear score (log-odds) of every row. */
export function scoresOf(
  design: DesignMatrix,
  coefficients: Float64Array,
  intercept: number,
): Float64Array {
  const { rows, numberCount, categoryCount, numbers, codes } = design
  const scores = new Float64Array(rows)
  for (let row = 0, n = 0, c = 0; row < rows; row++) {
    let score = intercept
    for (let i = 0; i < numberCount; i++, n++) score += (numbers[n] ?? 0) * (coefficients[i] ?? 0)
    for (let k = 0; k < categoryCount; k++, c++) {
      const feature = codes[c] ?? -1
      if (feature >= 0) score += coefficients[feature] ?? 0
    }
    scores[row] = score
  }
  return scores
}

interface Problem {
  readonly design: DesignMatrix
  readonly label: Uint8Array
  readonly penalty: number
}

interface Curvature {
  readonly logLoss: number
  readonly objective: number
  readonly gradient: Float64Array
  /** Full square, lower triangle filled. */
  readonly hessian: Float64Array
}

function curvatureAt({ design, label, penalty }: Problem, weights: Float64Array): Curvature {
  const { rows, numberCount, categoryCount, numbers, codes } = design
  const width = weights.length
  const gradient = new Float64Array(width)
  const hessian = new Float64Array(width * width)
  const scores = scoresOf(design, weights, weights[width - 1] ?? 0)
  // The row's non-zero features and values, in rising order: the lower triangle is then row[later] × column[earlier].
  const active = new Int32Array(numberCount + categoryCount + 1)
  const values = new Float64Array(active.length).fill(1)
  for (let i = 0; i < numberCount; i++) active[i] = i
  let loss = 0
  for (let row = 0, n = 0, c = 0; row < rows; row++) {
    const score = scores[row] ?? 0
    const answer = label[row] ?? 0
    const probability = 1 / (1 + Math.exp(-score))
    loss += lossOf(score, answer)
    for (let i = 0; i < numberCount; i++, n++) values[i] = numbers[n] ?? 0
    let count = numberCount
    for (let k = 0; k < categoryCount; k++, c++) {
      const feature = codes[c] ?? -1
      if (feature >= 0) active[count++] = feature
    }
    active[count++] = width - 1
    addRow({ gradient, hessian, active, values, count }, probability, answer)
  }
  for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] ?? 0) / rows
  for (let i = 0; i < hessian.length; i++) hessian[i] = (hessian[i] ?? 0) / rows
  let squares = 0
  for (let i = 0; i < width - 1; i++) {
    const weight = weights[i] ?? 0
    squares += weight * weight
    gradient[i] = (gradient[i] ?? 0) + penalty * weight
    hessian[i * width + i] = (hessian[i * width + i] ?? 0) + penalty
  }
  return {
    logLoss: loss / rows,
    objective: loss / rows + 0.5 * penalty * squares,
    gradient,
    hessian,
  }
}

interface RowSums {
  readonly gradient: Float64Array
  readonly hessian: Float64Array
  readonly active: Int32Array
  readonly values: Float64Array
  readonly count: number
}

function addRow(sums: RowSums, probability: number, answer: number): void {
  const { gradient, hessian, active, values, count } = sums
  const width = gradient.length
  const residual = probability - answer
  const curvature = probability * (1 - probability)
  for (let i = 0; i < count; i++) {
    const feature = active[i] ?? 0
    const value = values[i] ?? 0
    gradient[feature] = (gradient[feature] ?? 0) + residual * value
    const scaled = curvature * value
    const base = feature * width
    for (let j = 0; j <= i; j++) {
      const cell = base + (active[j] ?? 0)
      hessian[cell] = (hessian[cell] ?? 0) + scaled * (values[j] ?? 0)
    }
  }
}

interface Descent {
  readonly weights: Float64Array
  readonly step: Float64Array
  readonly objective: number
  readonly gradient: Float64Array
}

/** The largest of 1, ½, ¼ … that lowers the objective enough (Armijo), or 0 when none does. */
function lineSearch(problem: Problem, { weights, step, objective, gradient }: Descent): number {
  let slope = 0
  for (let i = 0; i < step.length; i++) slope += (gradient[i] ?? 0) * (step[i] ?? 0)
  // Below the rounding of the objective a comparison says nothing; a full Newton step is then safe.
  if (slope <= 1e-12 * Math.max(1, Math.abs(objective))) return 1
  const trial = new Float64Array(weights.length)
  for (let scale = 1; scale > 1e-9; scale /= 2) {
    for (let i = 0; i < trial.length; i++) trial[i] = (weights[i] ?? 0) - scale * (step[i] ?? 0)
    if (objectiveAt(problem, trial) <= objective - 1e-4 * scale * slope) return scale
  }
  return 0
}

function objectiveAt({ design, label, penalty }: Problem, weights: Float64Array): number {
  const scores = scoresOf(design, weights, weights[weights.length - 1] ?? 0)
  let loss = 0
  for (let row = 0; row < scores.length; row++) loss += lossOf(scores[row] ?? 0, label[row] ?? 0)
  let squares = 0
  for (let i = 0; i < weights.length - 1; i++) squares += (weights[i] ?? 0) ** 2
  return loss / design.rows + 0.5 * penalty * squares
}

/** log(1 + e^score) − answer · score, without overflow. */
function lossOf(score: number, answer: number): number {
  return Math.max(score, 0) + Math.log1p(Math.exp(-Math.abs(score))) - answer * score
}

function logOdds(label: Uint8Array): number {
  let ones = 0
  for (const answer of label) ones += answer
  return Math.log(ones / (label.length - ones))
}

function largest(vector: Float64Array): number {
  let most = 0
  for (const value of vector) most = Math.max(most, Math.abs(value))
  return most
}
