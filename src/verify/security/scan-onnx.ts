// An ONNX model: where its weights lie, and operators that need code from elsewhere. Walks the file without keeping it.
// Field numbers: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
import { type ByteSource, UnreadableContent } from './byte-source.ts'
import { badMemberName } from './member-names.ts'
import { inside, type ProtoField, readFields, textIn } from './protobuf-reader.ts'
import { found, notRead, type Scan, shown, step } from './scan.ts'
import type { Place } from './security-finding.ts'

export interface OnnxScan {
  readonly source: ByteSource
  readonly place: Place
  /** The size of another file of the artifact, from the folder of this one; undefined when there is none. */
  readonly sizeBeside: (path: string) => number | undefined
}

interface Walk extends OnnxScan {
  readonly scan: Scan
  readonly functions: Set<string>
  readonly operators: Map<string, { readonly domain: string; readonly name: string }>
  depth: number
}

/** ModelProto needs ir_version (1) and a graph (7); enough of the beginning to tell. */
export function looksLikeOnnx(source: ByteSource): boolean {
  let steps = 0
  let fits = true
  const seen = new Set<number>()
  try {
    readFields(
      source,
      () => void (steps++ > 4000 && stop()),
      (field) => {
        seen.add(field.number)
        const wire = modelFields[field.number]
        if (wire === undefined || wire !== field.wire) fits = false
        if (!fits) stop()
      },
    )
  } catch (error) {
    if (!(error instanceof UnreadableContent)) throw error
    // Cut short after the graph began: still meant as ONNX, and then told as broken.
    return fits && seen.has(1) && (seen.has(7) || seen.has(2))
  }
  return fits && seen.has(1) && seen.has(7)
}

function stop(): never {
  throw new UnreadableContent('enough seen', 0)
}

const modelFields: Readonly<Record<number, number>> = {
  1: 0,
  2: 2,
  3: 2,
  4: 2,
  5: 0,
  6: 2,
  7: 2,
  8: 2,
  14: 2,
  20: 2,
  25: 2,
  26: 2,
}

export function scanOnnx(scan: Scan, model: OnnxScan): void {
  const walk: Walk = { ...model, scan, functions: new Set(), operators: new Map(), depth: 0 }
  fields(walk, model.source, (field, part) => {
    if (field.number === 7) walkGraph(walk, part())
    else if (field.number === 20) walkTraining(walk, part())
    else if (field.number === 25) walkFunction(walk, part())
  })
  for (const operator of walk.operators.values()) tellOperator(walk, operator)
}

function fields(
  walk: Walk,
  source: ByteSource,
  each: (field: ProtoField, part: () => ByteSource) => void,
): void {
  if (walk.depth > 200) throw new UnreadableContent('graphs lie too deep in each other', 0)
  walk.depth++
  readFields(
    source,
    (at) => step(walk.scan, at),
    (field) => {
      if (field.wire === 2) each(field, () => inside(source, field))
    },
  )
  walk.depth--
}

function walkGraph(walk: Walk, graph: ByteSource): void {
  fields(walk, graph, ({ number }, part) => {
    if (number === 1) walkNode(walk, part())
    else if (number === 5) walkTensor(walk, part())
    else if (number === 15) walkSparse(walk, part())
  })
}

function walkTraining(walk: Walk, training: ByteSource): void {
  fields(walk, training, ({ number }, part) => {
    if (number === 1 || number === 2) walkGraph(walk, part())
  })
}

function walkFunction(walk: Walk, body: ByteSource): void {
  let name = ''
  let domain = ''
  fields(walk, body, (field, part) => {
    if (field.number === 1) name = textIn(body, field)
    else if (field.number === 10) domain = textIn(body, field)
    else if (field.number === 7) walkNode(walk, part())
    else if (field.number === 11) walkAttribute(walk, part())
  })
  walk.functions.add(`${domain}::${name}`)
  if (standardDomains.has(domain))
    found(walk.scan, {
      rule: 'onnx.function_override',
      severity: 'medium',
      place: walk.place,
      subject: shown(`${domain || 'ai.onnx'}::${name}`),
      what: `the model brings its own ${shown(name)} in the standard domain ${domain || 'ai.onnx'}, so the operator of that name is not what it says`,
      next: 'export the model again with functions in a domain of their own',
    })
}

function walkNode(walk: Walk, node: ByteSource): void {
  let name = ''
  let domain = ''
  fields(walk, node, (field, part) => {
    if (field.number === 4) name = textIn(node, field)
    else if (field.number === 7) domain = textIn(node, field)
    else if (field.number === 5) walkAttribute(walk, part())
  })
  const key = `${domain}::${name}`
  if (!walk.operators.has(key) && walk.operators.size < 10_000)
    walk.operators.set(key, { domain, name })
}

function walkAttribute(walk: Walk, attribute: ByteSource): void {
  fields(walk, attribute, ({ number }, part) => {
    if (number === 5 || number === 10) walkTensor(walk, part())
    else if (number === 6 || number === 11) walkGraph(walk, part())
    else if (number === 22 || number === 23) walkSparse(walk, part())
  })
}

function walkSparse(walk: Walk, sparse: ByteSource): void {
  fields(walk, sparse, ({ number }, part) => {
    if (number === 1 || number === 2) walkTensor(walk, part())
  })
}

function walkTensor(walk: Walk, tensor: ByteSource): void {
  let name = ''
  const external = new Map<string, string>()
  fields(walk, tensor, (field, part) => {
    if (field.number === 8) name = textIn(tensor, field)
    else if (field.number === 13) {
      const [key, value] = entryOf(walk, part())
      // Readers differ in which of two they take, so both are looked at.
      if (key === 'location' && external.has(key)) tellExternal(walk, name, external)
      external.set(key, value)
    }
  })
  if (external.size > 0) tellExternal(walk, name, external)
}

function entryOf(walk: Walk, entry: ByteSource): readonly [string, string] {
  let key = ''
  let value = ''
  fields(walk, entry, (field) => {
    if (field.number === 1) key = textIn(entry, field)
    else if (field.number === 2) value = textIn(entry, field)
  })
  return [key, value]
}

function tellExternal(walk: Walk, tensor: string, external: ReadonlyMap<string, string>): void {
  const { scan, place } = walk
  const location = external.get('location') ?? ''
  const bad = badMemberName(location)
  if (bad !== undefined) {
    found(scan, {
      rule: 'onnx.external_path',
      severity: 'critical',
      place,
      subject: shown(location),
      what: `the weights ${shown(tensor)} are read from ${shown(location) || 'a file without a name'}: ${bad.replace('its name', 'that')}, so loading the model reads another file of the machine`,
      next: 'save the model in one file: onnx.save_model(model, path, save_as_external_data=False)',
    })
    return
  }
  const size = walk.sizeBeside(location)
  if (size === undefined) {
    notRead(scan, place, `its weights lie in ${shown(location)}, which is not part of the artifact`)
    return
  }
  const from = Number(external.get('offset') ?? 0)
  const length = Number(external.get('length') ?? 0)
  if (!(from >= 0 && length >= 0 && from + length <= size))
    notRead(scan, place, `the weights ${shown(tensor)} reach past the end of ${shown(location)}`)
}

const standardDomains: ReadonlySet<string> = new Set(['', 'ai.onnx', 'ai.onnx.ml'])
/** Built into ONNX Runtime; everything else must be loaded as a shared library. */
const builtInDomains: ReadonlySet<string> = new Set([
  ...standardDomains,
  'ai.onnx.training',
  'ai.onnx.preview.training',
  'com.microsoft',
  'com.microsoft.nchwc',
  'com.ms.internal.nhwc',
])
/** Of those, the ones that run or load what the model names. */
const loadingOperators: Readonly<Record<string, string>> = {
  'com.microsoft::PythonOp': 'runs a Python function by name',
  'com.microsoft::PythonOpGrad': 'runs a Python function by name',
  'com.microsoft::ExternalOp': 'calls code outside the model',
  'com.microsoft::EPContext': 'loads a compiled program, from a path the model names',
  'com.microsoft::ATen': 'calls a PyTorch function by name',
}

function tellOperator(
  { scan, place, functions }: Walk,
  { domain, name }: { readonly domain: string; readonly name: string },
): void {
  const key = `${domain}::${name}`
  if (functions.has(key)) return
  const loads = loadingOperators[key]
  if (builtInDomains.has(domain) && loads === undefined) return
  found(scan, {
    rule: 'onnx.custom_operator',
    severity: 'high',
    place,
    subject: shown(loads === undefined ? domain : key),
    what:
      loads === undefined
        ? `the operator ${shown(name)} of the domain ${shown(domain)} is not part of ONNX: the runtime must load a shared library for it`
        : `the operator ${shown(key)} ${loads}`,
    next:
      loads === undefined
        ? `export the model with standard operators, or accept the domain: {allow: [${shown(domain)}]}`
        : 'export the model without it',
  })
}
