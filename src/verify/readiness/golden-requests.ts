// Golden requests: a file of requests with the answers a model must go on giving. It is written once from a model that people
// have looked at, lives in the repository and is compared value by value.
import type { AnswerTensor } from './model-signature.ts'

export interface GoldenRequest {
  readonly name: string
  /** The body of an infer request of the Open Inference Protocol. */
  readonly request: Readonly<Record<string, unknown>>
  /** Outputs that are not named here may be anything. */
  readonly response: { readonly outputs: readonly AnswerTensor[] }
}

export interface GoldenFile {
  /** Of every number; null when the file does not say. */
  readonly tolerance: number | null
  readonly requests: readonly GoldenRequest[]
}

/** What the file says, or the sentence that says what is wrong with it. */
export function parseGoldenFile(text: string): GoldenFile | string {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (error) {
    return `it is not JSON: ${error instanceof Error ? error.message : String(error)}`
  }
  if (!isObject(file) || !Array.isArray(file.requests) || file.requests.length === 0)
    return 'it needs requests: a list with at least one of {name, request, response}'
  const { tolerance = null } = file
  if (tolerance !== null && !(typeof tolerance === 'number' && tolerance >= 0))
    return `tolerance must be a number from 0 up, got ${JSON.stringify(tolerance)}`
  const requests: GoldenRequest[] = []
  for (const [at, one] of file.requests.entries()) {
    const read = readRequest(one)
    if (typeof read === 'string') return `requests[${at}]: ${read}`
    if (requests.some(({ name }) => name === read.name))
      return `two requests are named ${JSON.stringify(read.name)}`
    requests.push(read)
  }
  return { tolerance, requests }
}

function readRequest(one: unknown): GoldenRequest | string {
  if (!isObject(one)) return 'it must be an object with name, request and response'
  const { name, request, response } = one
  if (typeof name !== 'string' || name === '') return 'it needs a name'
  if (!isObject(request) || !Array.isArray(request.inputs))
    return `request of ${name} must be the body of an infer request, with inputs`
  if (!isObject(response) || !Array.isArray(response.outputs) || response.outputs.length === 0)
    return `response of ${name} must be the body of its answer, with outputs`
  const outputs = response.outputs.filter(isTensor)
  return outputs.length === response.outputs.length
    ? { name, request, response: { outputs } }
    : `every output of ${name} needs a name, a datatype, a shape and data`
}

function isTensor(value: unknown): value is AnswerTensor {
  if (!isObject(value)) return false
  const { name, datatype, shape, data } = value
  const isNamed = typeof name === 'string' && typeof datatype === 'string'
  return isNamed && Array.isArray(shape) && Array.isArray(data)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** One line per tensor, so that a difference reads as one. */
export function writeGoldenFile(requests: readonly GoldenRequest[], tolerance: number): string {
  const list = (name: string, tensors: readonly unknown[]) =>
    `{"${name}": [\n${tensors.map((tensor) => `        ${JSON.stringify(tensor)}`).join(',\n')}\n      ]}`
  const written = requests.map(({ name, request, response }) => {
    const inputs = Array.isArray(request.inputs) ? request.inputs : []
    return `    {
      "name": ${JSON.stringify(name)},
      "request": ${list('inputs', inputs)},
      "response": ${list('outputs', response.outputs)}
    }`
  })
  return `{\n  "tolerance": ${tolerance},\n  "requests": [\n${written.join(',\n')}\n  ]\n}\n`
}

/** How one answer differs from what was expected. Plain JSON. */
export interface GoldenDifference {
  readonly request: string
  /** Largest |Δ| of a number; null when they differ in more than numbers. */
  readonly maxDifference: number | null
  /** Where it is largest, with both values. */
  readonly because: string
}

/** Undefined when every named output is exactly as expected. */
export function compareGolden(
  { name, response }: GoldenRequest,
  answer: readonly AnswerTensor[],
): GoldenDifference | undefined {
  let worst: GoldenDifference | undefined
  for (const expected of response.outputs) {
    const given = answer.find((output) => output.name === expected.name)
    const found = given === undefined ? missing(expected.name) : difference(expected, given)
    if (found === undefined) continue
    const { size, because } = found
    if (size === null) return { request: name, maxDifference: null, because }
    if (size > (worst?.maxDifference ?? 0)) worst = { request: name, maxDifference: size, because }
  }
  return worst
}

function missing(name: string): { size: null; because: string } {
  return { size: null, because: `there is no output ${name}` }
}

function difference(
  expected: AnswerTensor,
  given: AnswerTensor,
): { size: number | null; because: string } | undefined {
  const { name } = expected
  if (given.datatype !== expected.datatype)
    return { size: null, because: `${name} was ${expected.datatype} and is ${given.datatype}` }
  if (given.shape.join() !== expected.shape.join())
    return {
      size: null,
      because: `${name} had shape [${expected.shape.join(', ')}] and has [${given.shape.join(', ')}]`,
    }
  const isFloat = expected.datatype.startsWith('FP')
  let worst: { size: number; because: string } | undefined
  const count = Math.max(expected.data.length, given.data.length)
  for (let at = 0; at < count; at++) {
    const one = expected.data[at]
    const other = given.data[at]
    if (Object.is(one, other)) continue
    const because = `${name}[${at}] was ${JSON.stringify(one)} and is ${JSON.stringify(other)}`
    if (!isFloat || typeof one !== 'number' || typeof other !== 'number')
      return { size: null, because }
    const size = Math.abs(one - other)
    if (size > (worst?.size ?? 0)) worst = { size, because }
  }
  return worst
}
