// A TensorFlow SavedModel's graph: operators that read or write files, or call back into Python, run whenever it is served.
// Field numbers: tensorflow/core/protobuf/{saved_model,meta_graph}.proto and framework/{graph,function,node_def}.proto.
import { type ByteSource, UnreadableContent } from './byte-source.ts'
import { inside, readFields, textIn } from './protobuf-reader.ts'
import { found, type Scan, shown, step } from './scan.ts'
import type { Place } from './security-finding.ts'

const dangerous: Readonly<Record<string, string>> = {
  ReadFile: 'reads any file of the machine',
  WriteFile: 'writes any file of the machine',
  MatchingFiles: 'lists files of the machine',
  WholeFileReaderV2: 'reads any file of the machine',
  TextLineReaderV2: 'reads any file of the machine',
  TextLineDataset: 'reads any file of the machine',
  FixedLengthRecordDatasetV2: 'reads any file of the machine',
  ImmutableConst: 'maps any file of the machine into memory',
  PyFunc: 'calls Python code',
  PyFuncStateless: 'calls Python code',
  EagerPyFunc: 'calls Python code',
  NumpyFunction: 'calls Python code',
  GeneratorDataset: 'calls Python code',
  RemoteCall: 'calls another machine',
  RpcCall: 'calls another machine',
  PrintV2: 'writes to a file it names',
}

/** SavedModel: schema version (1) as a number, then meta graphs (2). */
export function looksLikeSavedModel(source: ByteSource): boolean {
  return source.read(0, 2).join() === '8,1' && source.read(2, 1)[0] === 0x12
}

/** From SavedModel down to the name of each operator: the numbers of the fields on the way. */
const graph = [2, 2]
const paths: readonly (readonly number[])[] = [
  [...graph, 1],
  [...graph, 2, 1, 3],
]

export function scanSavedModel(scan: Scan, place: Place, source: ByteSource): void {
  const seen = new Set<string>()
  for (const path of paths) {
    descend(scan, source, path, (node) => {
      readFields(
        node,
        (at) => step(scan, at),
        (field) => {
          if (field.number === 2 && field.wire === 2) seen.add(textIn(node, field))
        },
      )
      if (seen.size > 10_000) throw new UnreadableContent('it names too many operators', 0)
    })
  }
  for (const name of seen) {
    const does = dangerous[name]
    if (does === undefined) continue
    found(scan, {
      rule: 'saved_model.operator',
      severity: 'high',
      place,
      subject: shown(name),
      what: `the graph has the operator ${name}, which ${does} when the model is served`,
      next: 'take it out of the graph, or export the model as ONNX',
    })
  }
}

function descend(
  scan: Scan,
  source: ByteSource,
  [first, ...rest]: readonly number[],
  each: (found: ByteSource) => void,
): void {
  if (first === undefined) each(source)
  else
    readFields(
      source,
      (at) => step(scan, at),
      (field) => {
        if (field.number === first && field.wire === 2)
          descend(scan, inside(source, field), rest, each)
      },
    )
}
