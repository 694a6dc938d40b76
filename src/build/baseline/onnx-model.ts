// The trained baseline as an ONNX graph that takes raw columns, one [N,1] tensor each, and answers `label` and `probabilities`.
//
// A category needs no one-hot vector: a LabelEncoder maps its text straight to its coefficient. Numbers are joined to them,
// missing ones become the training mean (Imputer), all are standardised (Scaler; a category's coefficient passes unchanged)
// and LinearClassifier weighs, adds and squashes. The time of one row (tens of microseconds) is that of handing over the inputs.
import type { DesignColumn } from './design-matrix.ts'
import {
  attribute,
  elementTypes,
  encodeOnnx,
  floatTensor,
  int64Scalar,
  type OnnxDimension,
  type OnnxGraph,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  onnxVersions,
} from './onnx-proto.ts'

export interface BaselineModel {
  readonly columns: readonly DesignColumn[]
  readonly coefficients: Float64Array
  readonly intercept: number
  /** The label is 1 when the probability is at least this. */
  readonly threshold: number
  /** What a category never seen in training does: count as "other" (all zeros), or make the run fail. */
  readonly unseen: 'ignore' | 'error'
  readonly metadata: Readonly<Record<string, string>>
}

export function baselineOnnx(model: BaselineModel): Uint8Array {
  return encodeOnnx({
    irVersion: onnxVersions.ir,
    opsetImport: [
      { domain: '', version: onnxVersions.opset },
      { domain: mlDomain, version: onnxVersions.ml },
    ],
    producerName: 'lockstep baseline',
    producerVersion: '1',
    graph: graphOf(model),
    metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
  })
}

const mlDomain = 'ai.onnx.ml'

function graphOf(model: BaselineModel): OnnxGraph {
  const terms = model.columns.map((column, index) => termOf(model, column, index))
  const { nodes: answers, initializers } = answerNodes(model)
  return {
    name: 'baseline',
    node: [
      ...terms.flatMap(({ nodes }) => nodes),
      {
        name: 'join',
        opType: 'Concat',
        input: terms.map(({ output }) => output),
        output: ['lockstep/joined'],
        attribute: [attribute.int('axis', 1)],
      },
      mlNode(
        'impute',
        'Imputer',
        ['lockstep/joined'],
        ['lockstep/present'],
        [
          attribute.floats(
            'imputed_value_floats',
            terms.map(({ mean }) => mean),
          ),
          attribute.float('replaced_value_float', Number.NaN),
        ],
      ),
      mlNode(
        'standardise',
        'Scaler',
        ['lockstep/present'],
        ['lockstep/standard'],
        [
          attribute.floats(
            'offset',
            terms.map(({ mean }) => mean),
          ),
          attribute.floats(
            'scale',
            terms.map(({ scale }) => scale),
          ),
        ],
      ),
      mlNode(
        'classify',
        'LinearClassifier',
        ['lockstep/standard'],
        ['lockstep/half', 'probabilities'],
        [
          attribute.ints('classlabels_ints', [0, 1]),
          attribute.floats('coefficients', [
            ...terms.map(({ weight }) => -weight),
            ...terms.map(({ weight }) => weight),
          ]),
          attribute.floats('intercepts', [-model.intercept, model.intercept]),
          attribute.int('multi_class', 0),
          attribute.string('post_transform', 'LOGISTIC'),
        ],
      ),
      ...answers,
    ],
    initializer: [...terms.flatMap((term) => term.initializers), ...initializers],
    input: model.columns.map(({ name, number }) =>
      value(name, number ? elementTypes.float : elementTypes.string, [rowCount, { dimValue: 1 }]),
    ),
    output: [
      value('label', elementTypes.int64, [rowCount]),
      value('probabilities', elementTypes.float, [rowCount, { dimValue: 2 }]),
    ],
  }
}

/** Names of the graph's own tensors start with `lockstep/`; these two are the answers and cannot be columns as well. */
export const answerNames: readonly string[] = ['label', 'probabilities']

const rowCount: OnnxDimension = { dimParam: 'N' }

interface Term {
  readonly output: string
  readonly nodes: readonly OnnxNode[]
  readonly initializers: readonly OnnxTensor[]
  readonly mean: number
  readonly scale: number
  readonly weight: number
}

/** One column of the joined matrix: a number as it came, or the coefficient of the row's category. */
function termOf(model: BaselineModel, column: DesignColumn, index: number): Term {
  const { number, levels = [] } = column
  if (number) {
    const weight = model.coefficients[number.feature] ?? 0
    const { mean, std } = number
    return { output: column.name, nodes: [], initializers: [], mean, scale: 1 / std, weight }
  }
  const neutral = { mean: 0, scale: 1, weight: 1 }
  const output = `lockstep/term_${index}`
  const texts = levels.map((level) => level.value)
  const weights = levels.map(({ feature }) =>
    feature === undefined ? 0 : (model.coefficients[feature] ?? 0),
  )
  if (model.unseen === 'ignore') {
    const encode = mlNode(
      `coefficient of ${column.name}`,
      'LabelEncoder',
      [column.name],
      [output],
      [
        attribute.strings('keys_strings', texts),
        attribute.floats('values_floats', weights),
        attribute.float('default_float', 0),
      ],
    )
    return { ...neutral, output, nodes: [encode], initializers: [] }
  }
  return { ...neutral, output, ...refusingTerm({ column, output, texts, weights }) }
}

/**
 * An unknown text gets an index past the end, and Gather then fails the run: the only way to refuse inside the standard
 * operators (OneHotEncoder with zeros=0 would too, but costs a matrix). The node's name appears in the runtime's message.
 */
function refusingTerm(term: {
  column: DesignColumn
  output: string
  texts: string[]
  weights: number[]
}): Pick<Term, 'nodes' | 'initializers'> {
  const { column, output, texts, weights } = term
  const table = `${output}_coefficients`
  const encode = mlNode(
    `level of ${column.name}`,
    'LabelEncoder',
    [column.name],
    [`${output}_level`],
    [
      attribute.strings('keys_strings', texts),
      attribute.ints('values_int64s', [...texts.keys()]),
      attribute.int('default_int64', texts.length),
    ],
  )
  const look: OnnxNode = {
    name: `${column.name} has a value never seen in training`,
    opType: 'Gather',
    input: [table, `${output}_level`],
    output: [output],
    attribute: [attribute.int('axis', 0)],
  }
  return { nodes: [encode, look], initializers: [floatTensor(table, weights)] }
}

/** LinearClassifier's own label is right for a threshold of one half; another one is compared with class 1's probability. */
function answerNodes({ threshold }: BaselineModel): {
  nodes: OnnxNode[]
  initializers: OnnxTensor[]
} {
  const node = (
    opType: string,
    input: string[],
    output: string,
    ...list: OnnxNode['attribute']
  ): OnnxNode => ({ name: `answer ${opType}`, opType, input, output: [output], attribute: list })
  if (threshold === 0.5)
    return { nodes: [node('Identity', ['lockstep/half'], 'label')], initializers: [] }
  return {
    nodes: [
      node(
        'Gather',
        ['probabilities', 'lockstep/positive'],
        'lockstep/score',
        attribute.int('axis', 1),
      ),
      node('GreaterOrEqual', ['lockstep/score', 'lockstep/threshold'], 'lockstep/above'),
      node('Cast', ['lockstep/above'], 'label', attribute.int('to', elementTypes.int64)),
    ],
    initializers: [
      int64Scalar('lockstep/positive', 1),
      floatTensor('lockstep/threshold', [threshold]),
    ],
  }
}

function mlNode(
  name: string,
  opType: string,
  input: string[],
  output: string[],
  list: OnnxNode['attribute'],
): OnnxNode {
  return { name, opType, domain: mlDomain, input, output, attribute: list }
}

function value(name: string, elemType: number, dim: readonly OnnxDimension[]): OnnxValue {
  return { name, type: { tensorType: { elemType, shape: { dim } } } }
}
