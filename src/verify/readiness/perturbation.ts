// The names of perturbations as they stand in a check: `missing(5%)`, `noise(0.1sd)`, `scale(10)`, `permute(tenure)`.

/** Cells are hit independently of each other; the share is of the cells of a column. */
export type Perturbation =
  | { readonly kind: 'missing'; readonly share: number }
  | { readonly kind: 'noise'; readonly sds: number }
  | { readonly kind: 'scale'; readonly factor: number; readonly share: number }
  | {
      readonly kind: 'unseen_category' | 'typo' | 'case' | 'whitespace'
      readonly share: number
    }
  /** Values of a column in another order; no columns means those the check names. */
  | { readonly kind: 'permute'; readonly columns: readonly string[] }
  | { readonly kind: 'column_order' | 'extra_columns' }

export const perturbationForms = [
  'missing(5%)',
  'noise(0.1sd)',
  'scale(10)',
  'unseen_category',
  'typo',
  'case',
  'whitespace',
  'permute(column)',
  'column_order',
  'extra_columns',
] as const

const defaultShare = 0.05

/** The perturbation, or the sentence that says how it is written. */
export function parsePerturbation(text: string): Perturbation | string {
  const found = /^([a-z_]+)\s*(?:\(([^)]*)\))?$/.exec(text.trim())
  const [, kind = '', inside] = found ?? []
  const [first, second] = inside === undefined ? [] : inside.split(',').map((one) => one.trim())
  switch (kind) {
    case 'missing':
    case 'unseen_category':
    case 'typo':
    case 'case':
    case 'whitespace': {
      const share = first === undefined ? defaultShare : shareIn(first)
      if (share === undefined) return `${kind} takes a share of the cells: ${kind}(5%)`
      return { kind, share }
    }
    case 'noise': {
      const sds = Number(/^(\d+(?:\.\d+)?)\s*sd$/.exec(first ?? '0.1sd')?.[1])
      return sds > 0 ? { kind, sds } : 'noise is counted in standard deviations: noise(0.1sd)'
    }
    case 'scale': {
      const factor = Number(first || Number.NaN)
      const share = second === undefined ? defaultShare : shareIn(second)
      if (!Number.isFinite(factor) || factor === 1 || share === undefined)
        return 'scale takes a factor and, if you like, a share of the cells: scale(10) or scale(1000, 20%)'
      return { kind, factor, share }
    }
    case 'permute':
      return {
        kind,
        columns: inside === undefined ? [] : inside.split(',').map((one) => one.trim()),
      }
    case 'column_order':
    case 'extra_columns':
      return { kind }
    default:
      return `${JSON.stringify(text)} is no perturbation; there are ${perturbationForms.join(', ')}`
  }
}

export function writePerturbation(perturbation: Perturbation): string {
  const { kind } = perturbation
  switch (perturbation.kind) {
    case 'missing':
      return `${kind}(${percent(perturbation.share)})`
    case 'noise':
      return `noise(${perturbation.sds}sd)`
    case 'scale': {
      const share = perturbation.share === defaultShare ? '' : `, ${percent(perturbation.share)}`
      return `scale(${perturbation.factor}${share})`
    }
    case 'unseen_category':
    case 'typo':
    case 'case':
    case 'whitespace':
      return perturbation.share === defaultShare ? kind : `${kind}(${percent(perturbation.share)})`
    case 'permute':
      return perturbation.columns.length === 0
        ? kind
        : `permute(${perturbation.columns.join(', ')})`
    case 'column_order':
    case 'extra_columns':
      return kind
  }
}

function shareIn(text: string): number | undefined {
  const isPercent = text.endsWith('%')
  const number = Number(isPercent ? text.slice(0, -1) : text || Number.NaN)
  const share = isPercent ? number / 100 : number
  return share > 0 && share <= 1 ? share : undefined
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(12))}%`
}
