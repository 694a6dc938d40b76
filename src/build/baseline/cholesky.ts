// Solving a symmetric positive definite system by Cholesky (Golub & Van Loan, Matrix Computations, 4.2).

/**
 * Solves A x = b. `matrix` is n × n, row-major; only its lower triangle is read.
 * A matrix that is singular to rounding gets the smallest ridge that makes it solvable.
 */
export function solveSymmetric(matrix: Float64Array, right: Float64Array): Float64Array {
  const size = right.length
  let most = 0
  for (let i = 0; i < size; i++) most = Math.max(most, matrix[i * size + i] ?? 0)
  for (let ridge = 0; ; ridge = ridge === 0 ? most * 1e-15 : ridge * 10) {
    const factor = cholesky(matrix, size, ridge)
    if (factor) return substitute(factor, right)
    if (!(ridge <= most)) return Float64Array.from(right)
  }
}

function cholesky(matrix: Float64Array, size: number, ridge: number): Float64Array | undefined {
  const factor = new Float64Array(size * size)
  for (let i = 0; i < size; i++) {
    const row = i * size
    for (let j = 0; j <= i; j++) {
      const other = j * size
      let sum = matrix[row + j] ?? 0
      if (i === j) sum += ridge
      for (let k = 0; k < j; k++) sum -= (factor[row + k] ?? 0) * (factor[other + k] ?? 0)
      if (i !== j) factor[row + j] = sum / (factor[other + j] ?? 1)
      else if (sum > 0) factor[row + j] = Math.sqrt(sum)
      else return undefined
    }
  }
  return factor
}

function substitute(factor: Float64Array, right: Float64Array): Float64Array {
  const size = right.length
  const x = Float64Array.from(right)
  for (let i = 0; i < size; i++) {
    let sum = x[i] ?? 0
    for (let k = 0; k < i; k++) sum -= (factor[i * size + k] ?? 0) * (x[k] ?? 0)
    x[i] = sum / (factor[i * size + i] ?? 1)
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i] ?? 0
    for (let k = i + 1; k < size; k++) sum -= (factor[k * size + i] ?? 0) * (x[k] ?? 0)
    x[i] = sum / (factor[i * size + i] ?? 1)
  }
  return x
}
