// What a model takes and gives, as readiness compares it: with the columns that are declared, with what it really answered
// and with the signature of the champion whose callers it would inherit.

export interface TensorShape {
  readonly name: string
  readonly datatype: string
  /** −1 is a dimension of any size. */
  readonly shape: readonly number[]
}

export interface SignatureShape {
  readonly inputs: readonly TensorShape[]
  readonly outputs: readonly TensorShape[]
}

/** A tensor of a real answer. */
export interface AnswerTensor extends TensorShape {
  readonly data: readonly unknown[]
}

/** Everything an answer of that many rows holds against its signature, each as one clause; empty when it honours it. */
export function faultsOfAnswer(
  signature: SignatureShape,
  answer: readonly AnswerTensor[],
  rows: number,
): readonly string[] {
  const faults: string[] = []
  for (const declared of signature.outputs) {
    const name = `output ${declared.name}`
    const given = answer.find((tensor) => tensor.name === declared.name)
    if (given === undefined) {
      faults.push(`${name} is not in the answer`)
      continue
    }
    if (given.datatype !== declared.datatype)
      faults.push(`${name} is declared ${declared.datatype} and answered ${given.datatype}`)
    if (!fits(given.shape, declared.shape, rows))
      faults.push(
        `${name} is declared ${written(declared.shape)} and answered ${written(given.shape)} for ${rows} ${rows === 1 ? 'row' : 'rows'}`,
      )
    const size = given.shape.reduce((product, one) => product * one, 1)
    if (given.data.length !== size)
      faults.push(`${name} holds ${given.data.length} values, its shape needs ${size}`)
  }
  for (const { name } of answer)
    if (!signature.outputs.some((declared) => declared.name === name))
      faults.push(`output ${name} is not declared`)
  return faults
}

/** What callers of `before` would notice if `now` answered them; empty when they would notice nothing. */
export function breakingChanges(now: SignatureShape, before: SignatureShape): readonly string[] {
  const inputs = now.inputs.flatMap((input) => {
    const known = before.inputs.find((one) => one.name === input.name)
    // Every input of a model is required, and one it no longer takes is ignored.
    if (known === undefined) return [`input ${input.name} is new, and its callers do not send it`]
    return retyped('input', input, known)
  })
  const outputs = before.outputs.flatMap((known) => {
    const output = now.outputs.find((one) => one.name === known.name)
    if (output === undefined) return [`output ${known.name} is gone`]
    return retyped('output', output, known)
  })
  return [...inputs, ...outputs]
}

/** Which label goes with which column of the probabilities, found out from answers: null where rows do not agree on it. */
export function classOrder(
  labels: readonly unknown[],
  probabilities: readonly unknown[],
): readonly (string | null)[] {
  const width = labels.length === 0 ? 0 : probabilities.length / labels.length
  if (width < 2 || !Number.isInteger(width)) return []
  const seen = Array.from({ length: width }, () => new Set<string>())
  for (const [row, label] of labels.entries()) {
    const values = probabilities.slice(row * width, (row + 1) * width).map(Number)
    const top = values.indexOf(Math.max(...values))
    seen[top]?.add(String(label))
  }
  return seen.map((names) => (names.size === 1 ? ([...names][0] ?? null) : null))
}

/** Columns where both models are sure of the label, and it is not the same. */
export function reorderedClasses(
  now: readonly (string | null)[],
  before: readonly (string | null)[],
): readonly string[] {
  return now.flatMap((name, column) => {
    const known = before[column] ?? null
    if (name === null || known === null || name === known) return []
    return [`column ${column} of the probabilities was class ${known} and is class ${name}`]
  })
}

function retyped(role: string, now: TensorShape, before: TensorShape): string[] {
  if (now.datatype !== before.datatype)
    return [`${role} ${now.name} was ${before.datatype} and is ${now.datatype}`]
  const same =
    now.shape.length === before.shape.length &&
    now.shape.every((size, axis) => size === -1 || size === before.shape[axis])
  return same
    ? []
    : [`${role} ${now.name} had shape ${written(before.shape)} and has ${written(now.shape)}`]
}

function fits(given: readonly number[], declared: readonly number[], rows: number): boolean {
  if (given.length !== declared.length) return false
  return declared.every((size, axis) => {
    if (size !== -1) return size === given[axis]
    return axis > 0 || given[0] === rows
  })
}

function written(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`
}
