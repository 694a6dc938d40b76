// Special functions in double precision: log-gamma, log-beta, the normal distribution, the incomplete beta, the binomial.

const eulerGamma = 0.577_215_664_901_532_9
const halfLogTwoPi = 0.918_938_533_204_672_7

/** ζ(k) − 1 by Euler-Maclaurin from n = 20 (error < 1e-18 for k ≥ 2). */
function zetaMinusOne(k: number): number {
  const from = 20
  let sum = 0
  for (let n = from - 1; n >= 2; n--) sum += n ** -k
  const tail = from ** (1 - k) / (k - 1) + from ** -k / 2 + (k * from ** (-k - 1)) / 12
  const fourth = (k * (k + 1) * (k + 2) * from ** (-k - 3)) / 720
  const sixth = (k * (k + 1) * (k + 2) * (k + 3) * (k + 4) * from ** (-k - 5)) / 30_240
  return sum + tail - fourth + sixth
}

const zetaTerms = Array.from({ length: 30 }, (_, at) => zetaMinusOne(at + 2) / (at + 2))

/** log Γ(2 + z) for |z| ≤ 1/2: its Taylor series, so that the zeros of log Γ at 1 and 2 keep their relative precision. */
function logGammaNearTwo(z: number): number {
  let sum = 0
  let power = z
  for (const [at, term] of zetaTerms.entries()) {
    power *= z
    sum += at % 2 === 0 ? term * power : -term * power
  }
  return z * (1 - eulerGamma) + sum
}

/** log Γ(x) − Stirling's formula, for x ≥ 12 (Abramowitz & Stegun 6.1.41). */
function stirlingCorrection(x: number): number {
  const r = 1 / (x * x)
  const inner = 1 / 1680 - r * (1 / 1188 - r * (691 / 360_360 - r / 156))
  return (1 / 12 - r * (1 / 360 - r * (1 / 1260 - r * inner))) / x
}

/** Natural logarithm of Γ(x) for x > 0; relative error below 1e-13. */
export function logGamma(x: number): number {
  if (!(x > 0)) return Number.NaN
  if (x < 0.5) return logGamma(x + 1) - Math.log(x)
  if (x < 1.5) return logGammaNearTwo(x - 1) - Math.log1p(x - 1)
  if (x <= 2.5) return logGammaNearTwo(x - 2)
  let shifted = x
  let product = 1
  while (shifted < 12) product *= shifted++
  const large =
    (shifted - 0.5) * Math.log(shifted) - shifted + halfLogTwoPi + stirlingCorrection(shifted)
  return large - Math.log(product)
}

/** log B(a, b); for large arguments without the cancellation of three log-gammas (Didonato & Morris 1992). */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b)
  const large = Math.max(a, b)
  if (small < 12) {
    if (large < 1e5) return logGamma(small) + logGamma(large) - logGamma(small + large)
    // Γ(large) / Γ(small + large) through Stirling: the leading terms cancel analytically.
    const ratio =
      stirlingCorrection(large) -
      stirlingCorrection(small + large) +
      small -
      small * Math.log(small + large) -
      (large - 0.5) * Math.log1p(small / large)
    return logGamma(small) + ratio
  }
  const corrections =
    stirlingCorrection(small) + stirlingCorrection(large) - stirlingCorrection(small + large)
  const share = small / (small + large)
  return (
    halfLogTwoPi -
    0.5 * Math.log(large) +
    corrections +
    (small - 0.5) * Math.log(share) +
    large * Math.log1p(-share)
  )
}

/** erf by its series of positive terms, for |x| < 2. */
function erfSeries(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

/** erfc by Laplace's continued fraction, evaluated backwards, for x ≥ 2. */
function erfcFraction(x: number): number {
  let tail = 0
  for (let k = 120; k >= 1; k--) tail = k / 2 / (x + tail)
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + tail)
}

export function erf(x: number): number {
  if (Math.abs(x) < 2) return x === 0 ? 0 : erfSeries(x)
  return x > 0 ? 1 - erfcFraction(x) : erfcFraction(-x) - 1
}

export function erfc(x: number): number {
  if (Math.abs(x) < 2) return 1 - erf(x)
  return x > 0 ? erfcFraction(x) : 2 - erfcFraction(-x)
}

export function normalCdf(x: number): number {
  return erfc(-x / Math.SQRT2) / 2
}

/** Φ⁻¹(p): Abramowitz & Stegun 26.2.23 as a start, then Halley steps to full precision. */
export function normalQuantile(p: number): number {
  if (!(p > 0 && p < 1)) return p === 0 ? -Infinity : p === 1 ? Infinity : Number.NaN
  if (p > 0.5) return -normalQuantile(1 - p)
  const t = Math.sqrt(-2 * Math.log(p))
  let x =
    (2.515517 + t * (0.802853 + t * 0.010328)) /
      (1 + t * (1.432788 + t * (0.189269 + t * 0.001308))) -
    t
  for (let step = 0; step < 4; step++) {
    const error = (normalCdf(x) - p) * Math.sqrt(2 * Math.PI) * Math.exp((x * x) / 2)
    x -= error / (1 + (x * error) / 2)
  }
  return x
}

/** Regularised incomplete beta I_x(a, b) by Lentz's continued fraction (Numerical Recipes §6.4). */
export function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a
  const floor = 1e-300
  const keep = (value: number) => (Math.abs(value) < floor ? floor : value)
  let c = 1
  let d = 1 / keep(1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m <= 100_000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m))
    d = 1 / keep(1 + even * d)
    c = keep(1 + even / c)
    fraction *= d * c
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1))
    d = 1 / keep(1 + odd * d)
    c = keep(1 + odd / c)
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-16) break
  }
  return front * fraction
}

/** P(X ≤ k) for X ~ Binomial(n, p). */
export function binomialCdf(k: number, n: number, p: number): number {
  if (k < 0) return 0
  if (k >= n) return 1
  return incompleteBeta(1 - p, n - k, k + 1)
}
