// Many tests at once: p-values adjusted so that each may be compared with the level of the whole family.

/** Holm's step-down (1979): at most `level` chance of any false rejection, under any dependence. In the order given. */
export function holm(ps: readonly number[]): readonly number[] {
  const m = ps.length
  const adjusted = new Array<number>(m)
  let top = 0
  for (const [rank, at] of ascending(ps).entries()) {
    top = Math.max(top, Math.min(1, (m - rank) * (ps[at] ?? 1)))
    adjusted[at] = top
  }
  return adjusted
}

/** Benjamini & Hochberg's step-up (1995): at most `level` expected share of false ones among the rejected. In the order given. */
export function benjaminiHochberg(ps: readonly number[]): readonly number[] {
  return stepUp(ps, 1)
}

/** Benjamini & Yekutieli (2001): the same under any dependence, at the price of a factor 1 + 1/2 + … + 1/m. */
export function benjaminiYekutieli(ps: readonly number[]): readonly number[] {
  let factor = 0
  for (let rank = 1; rank <= ps.length; rank++) factor += 1 / rank
  return stepUp(ps, factor)
}

function stepUp(ps: readonly number[], factor: number): readonly number[] {
  const m = ps.length
  const adjusted = new Array<number>(m)
  let least = 1
  const order = ascending(ps)
  for (let rank = m; rank >= 1; rank--) {
    const at = order[rank - 1] ?? 0
    least = Math.min(least, (factor * m * (ps[at] ?? 1)) / rank)
    adjusted[at] = least
  }
  return adjusted
}

/** Positions from the smallest p-value to the largest; equal ones in the order given. */
function ascending(ps: readonly number[]): readonly number[] {
  return ps.map((_, at) => at).sort((a, b) => (ps[a] ?? 1) - (ps[b] ?? 1) || a - b)
}
