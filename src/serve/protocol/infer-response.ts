// An infer answer as JSON text: shortest digits that give the same value back, null where JSON has no number.
import { assert } from '../../foundation/assert.ts'
import type { Tensor } from './tensor.ts'

export interface InferAnswer {
  readonly modelName: string
  readonly modelVersion: string
  /** Left out when undefined. */
  readonly id: string | undefined
  readonly outputs: readonly Tensor[]
}

export function encodeInferAnswer(answer: InferAnswer): string {
  const outputs = answer.outputs.map(encodeTensor).join(',')
  const id = answer.id === undefined ? '' : `"id":${JSON.stringify(answer.id)},`
  return `{"model_name":${JSON.stringify(answer.modelName)},"model_version":${JSON.stringify(answer.modelVersion)},${id}"outputs":[${outputs}]}`
}

export function encodeTensor(tensor: Tensor): string {
  return `{"name":${JSON.stringify(tensor.name)},"datatype":"${tensor.datatype}","shape":[${tensor.shape.join(',')}],"data":[${encodeElements(tensor)}]}`
}

function encodeElements({ datatype, values }: Tensor): string {
  if (datatype === 'BYTES') return Array.from(values as readonly string[], jsonText).join(',')
  let text = ''
  const print = datatype === 'FP32' ? printFloat32 : datatype === 'BOOL' ? printBool : printNumber
  for (let i = 0; i < values.length; i++) {
    if (i > 0) text += ','
    text += print(values[i] as number)
  }
  return text
}

function jsonText(text: string): string {
  return JSON.stringify(text)
}

function printBool(value: number): string {
  return value === 0 ? 'false' : 'true'
}

function printNumber(value: number | bigint): string {
  return typeof value === 'bigint' || Number.isFinite(value) ? String(value) : 'null'
}

const tens = Array.from({ length: 23 }, (_, power) => 10 ** power)

/**
 * The shortest decimal that rounds to the same float32 (6 to 9 significant digits suffice: IEEE 754-2019 §5.12.2).
 * 0.1 is printed as 0.1, where the plain double of the float would be 0.10000000149011612.
 */
export function printFloat32(value: number): string {
  if (!Number.isFinite(value)) return 'null'
  const size = Math.abs(value)
  if (size >= 1e-6 && size < 1e9) {
    if (Number.isInteger(value) && size < 1e6) return String(value)
    const lead = Math.floor(Math.log10(size))
    for (let digits = 6; digits <= 9; digits++) {
      const places = digits - 1 - lead
      const power = tens[Math.abs(places)]
      assert(power !== undefined, `no power of ten for ${places} places`)
      const candidate =
        places >= 0 ? Math.round(value * power) / power : Math.round(value / power) * power
      if (Math.fround(candidate) === value) return String(candidate)
    }
  }
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits))
    if (Math.fround(candidate) === value) return String(candidate)
  }
  return String(Number(value.toPrecision(9)))
}
