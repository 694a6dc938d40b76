// JSON elements → typed values, one reader per datatype; each stops at the first element that does not fit.
import type { Datatype, TensorValues } from './tensor.ts'

export interface ReadElements {
  readonly values: TensorValues
  /** Index of the first element that does not fit, or -1. */
  readonly bad: number
}

type Reader = (elements: readonly unknown[]) => ReadElements

interface Readable {
  readonly read: Reader
  /** For the sentence of a refusal. */
  readonly allowed: string
}

const float32: Reader = (elements) => {
  const values = new Float32Array(elements.length)
  return { values, bad: fillFloats(elements, values) }
}

const float64: Reader = (elements) => {
  const values = new Float64Array(elements.length)
  return { values, bad: fillFloats(elements, values) }
}

/** null is NaN, as MLServer writes it; a number too large for the type is refused instead of becoming infinite. */
function fillFloats(elements: readonly unknown[], values: Float32Array | Float64Array): number {
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i]
    if (element === null) values[i] = Number.NaN
    else if (typeof element !== 'number') return i
    else {
      values[i] = element
      if (!Number.isFinite(values[i])) return i
    }
  }
  return -1
}

type SmallInts = Int8Array | Int16Array | Int32Array | Uint8Array | Uint16Array | Uint32Array

/** Triton narrows without a range check; here 300 is not a UINT8. */
function smallInts(make: (size: number) => SmallInts, low: number, high: number): Readable {
  return {
    allowed: `a whole number from ${low} to ${high}`,
    read: (elements) => {
      const values = make(elements.length)
      for (let i = 0; i < elements.length; i++) {
        const element = elements[i]
        if (typeof element !== 'number' || !Number.isInteger(element)) return { values, bad: i }
        if (element < low || element > high) return { values, bad: i }
        values[i] = element
      }
      return { values, bad: -1 }
    },
  }
}

function bigInts(
  make: (size: number) => BigInt64Array | BigUint64Array,
  low: bigint,
  high: bigint,
): Readable {
  return {
    allowed: `a whole number from ${low} to ${high}`,
    read: (elements) => {
      const values = make(elements.length)
      for (let i = 0; i < elements.length; i++) {
        const whole = toBigInt(elements[i])
        if (whole === undefined || whole < low || whole > high) return { values, bad: i }
        values[i] = whole
      }
      return { values, bad: -1 }
    },
  }
}

/** A number beyond 2^53 has lost digits: only its exact form (a bigint) is taken. */
function toBigInt(element: unknown): bigint | undefined {
  if (typeof element === 'bigint') return element
  return Number.isSafeInteger(element) ? BigInt(element as number) : undefined
}

const bools: Reader = (elements) => {
  const values = new Uint8Array(elements.length)
  for (let i = 0; i < elements.length; i++) {
    const element = elements[i]
    if (element === true || element === 1) values[i] = 1
    else if (element !== false && element !== 0) return { values, bad: i }
  }
  return { values, bad: -1 }
}

const strings: Reader = (elements) => {
  const bad = elements.findIndex((element) => typeof element !== 'string')
  return { values: elements as readonly string[], bad }
}

const floatAllowed = 'a finite number of that type, or null for a missing value'

/** FP16 has no JSON form; it is refused before a reader is asked. */
export const elementReaders: Record<Exclude<Datatype, 'FP16'>, Readable> = {
  BOOL: { read: bools, allowed: 'true or false' },
  BYTES: { read: strings, allowed: 'a string' },
  FP32: { read: float32, allowed: floatAllowed },
  FP64: { read: float64, allowed: floatAllowed },
  INT8: smallInts((size) => new Int8Array(size), -128, 127),
  INT16: smallInts((size) => new Int16Array(size), -32_768, 32_767),
  INT32: smallInts((size) => new Int32Array(size), -2_147_483_648, 2_147_483_647),
  INT64: bigInts((size) => new BigInt64Array(size), -(2n ** 63n), 2n ** 63n - 1n),
  UINT8: smallInts((size) => new Uint8Array(size), 0, 255),
  UINT16: smallInts((size) => new Uint16Array(size), 0, 65_535),
  UINT32: smallInts((size) => new Uint32Array(size), 0, 4_294_967_295),
  UINT64: bigInts((size) => new BigUint64Array(size), 0n, 2n ** 64n - 1n),
}
