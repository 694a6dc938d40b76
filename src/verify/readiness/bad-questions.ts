// Requests that are wrong on purpose. A model in production meets every one of them: it must say what is wrong, and live.
import type { SignatureShape, TensorShape } from './model-signature.ts'

export interface BadQuestion {
  readonly name: string
  readonly body: string
  /** `refused`: a 4xx with a sentence. `survived`: any answer, as long as there is one. */
  readonly expect: 'refused' | 'survived'
}

/** What came back. Plain JSON. */
export interface BadAnswer {
  readonly name: string
  readonly expect: BadQuestion['expect']
  /** null when there was no answer at all. */
  readonly status: number | null
  /** The reason that was given; empty when there was none. */
  readonly sentence: string
}

interface Input extends TensorShape {
  readonly data: readonly unknown[]
}

/** `good` is a request of one row that the model answers. */
export function badQuestions(
  signature: SignatureShape,
  good: readonly Input[],
): readonly BadQuestion[] {
  const [first, ...others] = good
  if (first === undefined) return []
  const isText = first.datatype === 'BYTES'
  const refused = (name: string, inputs: readonly unknown[]): BadQuestion => ({
    ...{ name, expect: 'refused' },
    body: JSON.stringify({ inputs }),
  })
  const changed = (change: Partial<Input>) => [{ ...first, ...change }, ...others]
  const text = JSON.stringify({ inputs: good })
  return [
    { name: 'text that is no JSON', body: text.slice(0, -2), expect: 'refused' },
    { name: 'NaN in the JSON', body: notANumber(good), expect: 'refused' },
    { name: 'no inputs at all', body: '{}', expect: 'refused' },
    refused('a missing input', others),
    refused(
      'a value of the wrong type',
      changed({ data: first.data.map(() => (isText ? 1 : 'x')) }),
    ),
    refused('a wrong datatype', changed({ datatype: isText ? 'FP32' : 'BYTES' })),
    refused('a shape larger than its data', changed({ shape: [1_000_000_000, ...tail(first)] })),
    refused(
      'an empty batch',
      good.map((input) => ({ ...input, shape: [0, ...tail(input)], data: [] })),
    ),
    refused('a negative shape', changed({ shape: [-1, ...tail(first)] })),
    ...extremes(signature, good),
  ]
}

function tail({ shape }: TensorShape): readonly number[] {
  return shape.slice(1)
}

/** JSON has no NaN, and some writers of JSON put it there all the same. */
function notANumber(good: readonly Input[]): string {
  const inputs = good.map(
    ({ data, ...rest }, at) =>
      `{${JSON.stringify(rest).slice(1, -1)},"data":${at === 0 ? '[NaN]' : JSON.stringify(data)}}`,
  )
  return `{"inputs":[${inputs.join(',')}]}`
}

/** Well-formed, and nothing anyone trained on. */
function extremes(signature: SignatureShape, good: readonly Input[]): readonly BadQuestion[] {
  const filled = (value: (spec: TensorShape) => unknown) =>
    JSON.stringify({
      inputs: good.map((input) => {
        const spec = signature.inputs.find((one) => one.name === input.name) ?? input
        return { ...input, data: input.data.map(() => value(spec)) }
      }),
    })
  const ask = (name: string, value: (spec: TensorShape) => unknown): BadQuestion => ({
    ...{ name, expect: 'survived' },
    body: filled(value),
  })
  return [
    ask('the largest values', (spec) => extremeOf(spec.datatype, 'largest')),
    ask('the smallest values', (spec) => extremeOf(spec.datatype, 'smallest')),
  ]
}

const wholeBits: Readonly<Record<string, number>> = {
  ...{ INT8: 7, INT16: 15, INT32: 31, UINT8: 8, UINT16: 16, UINT32: 32 },
  // 53 bits: the largest that JSON readers agree on.
  ...{ INT64: 53, UINT64: 53 },
}

/** The ends of a datatype; of text nothing at all, and ten thousand letters with a zero byte and an emoji among them. */
export function extremeOf(datatype: string, end: 'largest' | 'smallest'): unknown {
  const isLargest = end === 'largest'
  if (datatype === 'BYTES') return isLargest ? `${'x'.repeat(9_998)}\u0000\u{1F4A5}` : ''
  if (datatype === 'BOOL') return isLargest
  if (datatype.startsWith('FP')) {
    const largest = datatype === 'FP64' ? 1e300 : datatype === 'FP16' ? 65_000 : 3e38
    return isLargest ? largest : -largest
  }
  const bits = wholeBits[datatype] ?? 31
  if (isLargest) return 2 ** bits - 1
  if (datatype.startsWith('UINT')) return 0
  return bits === 53 ? -(2 ** 53 - 1) : -(2 ** bits)
}
