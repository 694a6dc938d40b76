// McNemar's test (1947): of the rows on which two models differ, does one of them win more often than a coin?
import { binomialCdf, normalCdf } from './special-functions.ts'

export interface Discordant {
  /** Rows where only the challenger counts as a success. */
  readonly gained: number
  /** Rows where only the reference does. */
  readonly lost: number
}

/** P(at most `lost` of the differing rows are lost | a fair coin), and its mid-p, which is the default of gates. */
export interface McNemar {
  /** One-sided: small when the challenger is better. */
  readonly better: number
  /** One-sided: small when the challenger is worse. */
  readonly worse: number
  readonly twoSided: number
}

/** The exact conditional test; never too liberal, often too careful. */
export function mcnemarExact(counts: Discordant): McNemar {
  return fromTails(counts, 1)
}

/**
 * Half the probability of what was observed: close to nominal where the exact test is careful
 * (Fagerland, Lydersen & Laake 2013).
 */
export function mcnemarMidP(counts: Discordant): McNemar {
  return fromTails(counts, 0.5)
}

/** (b − c)² / (b + c) against chi-square with one degree of freedom, without continuity correction. */
export function mcnemarAsymptotic({ gained, lost }: Discordant): McNemar {
  const differing = gained + lost
  if (differing === 0) return { better: 1, worse: 1, twoSided: 1 }
  const z = (gained - lost) / Math.sqrt(differing)
  return { better: normalCdf(-z), worse: normalCdf(z), twoSided: 2 * normalCdf(-Math.abs(z)) }
}

function fromTails({ gained, lost }: Discordant, observedShare: 1 | 0.5): McNemar {
  const n = gained + lost
  if (n === 0) return { better: 1, worse: 1, twoSided: 1 }
  const tail = (k: number) => {
    const below = binomialCdf(k - 1, n, 0.5)
    return below + observedShare * (binomialCdf(k, n, 0.5) - below)
  }
  const better = tail(lost)
  const worse = tail(gained)
  return { better, worse, twoSided: Math.min(1, 2 * Math.min(better, worse)) }
}
