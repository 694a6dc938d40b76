// Arrays that joblib writes straight into the middle of a pickle: their bytes follow the BUILD of a NumpyArrayWrapper, and
// whoever reads on must know how many (joblib/numpy_pickle.py, NumpyArrayWrapper.read_array).
import type { PickleValue } from './pickle-values.ts'

export type InlineArray =
  | { readonly holds: 'numbers'; readonly bytes: number; readonly isPadded: boolean }
  /** Another pickle follows instead. */
  | { readonly holds: 'objects' }

/** Undefined for anything but a wrapper; a sentence when its size cannot be told. */
export function inlineArrayOf(value: PickleValue): InlineArray | string | undefined {
  if (value.is !== 'made' || value.by.is !== 'import') return undefined
  if (!/(^|\.)numpy_pickle\.NumpyArrayWrapper$/.test(value.by.name ?? '')) return undefined
  if (value.state?.is !== 'map') return 'an array of joblib does not say its shape'
  const { entries } = value.state
  const dtype = entries.get('dtype')
  const count = countOf(entries.get('shape'))
  if (dtype === undefined || count === undefined)
    return 'an array of joblib does not say its shape and type'
  if (holdsObjects(dtype, 0)) return { holds: 'objects' }
  const size = itemSizeOf(dtype)
  if (size === undefined) return 'an array of joblib has a type whose size is not known'
  const padding = entries.get('numpy_array_alignment_bytes')
  return {
    holds: 'numbers',
    bytes: count * size,
    isPadded: padding !== undefined && padding.is !== 'none',
  }
}

function countOf(shape: PickleValue | undefined): number | undefined {
  if (shape?.is !== 'tuple') return undefined
  let count = 1
  for (const item of shape.items) {
    if (item.is !== 'number' || item.value < 0) return undefined
    count *= item.value
  }
  return count
}

/** `numpy.dtype('f8', …)`; a deep or strange type counts as one that may hold objects only when it says so. */
function codeOf(dtype: PickleValue): string | undefined {
  if (dtype.is !== 'made' || dtype.by.is !== 'import' || dtype.by.name !== 'numpy.dtype')
    return undefined
  if (dtype.args.is !== 'tuple') return undefined
  const [code] = dtype.args.items
  return code?.is === 'text' ? code.text : undefined
}

function holdsObjects(value: PickleValue, depth: number): boolean {
  if (depth > 8) return true
  if (value.is === 'tuple') return value.items.some((item) => holdsObjects(item, depth + 1))
  if (value.is === 'map')
    return [...value.entries.values()].some((item) => holdsObjects(item, depth + 1))
  const code = codeOf(value)
  if (code === undefined) return false
  if (/^[<>|=]?O/.test(code)) return true
  return value.is === 'made' && value.state !== undefined && holdsObjects(value.state, depth + 1)
}

function itemSizeOf(dtype: PickleValue): number | undefined {
  const found = /^[<>|=]?([a-zA-Z?])(\d*)$/.exec(codeOf(dtype) ?? '')
  if (found === null) return undefined
  const [, letter = '', digits = ''] = found
  const size = digits === '' ? 1 : Number(digits)
  if (letter === 'U') return 4 * size
  if ('fiucbSVmM'.includes(letter)) return letter === 'm' || letter === 'M' ? 8 : size
  return letter === '?' ? 1 : undefined
}
