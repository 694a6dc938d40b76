// Keras models: layers that carry code or name code by module, and paths that are read while loading.
// A `.keras` file is a zip with config.json; HDF5 keeps the same JSON in an attribute.
import { type ByteSource, latin1, UnreadableContent } from './byte-source.ts'
import { found, type Scan, shown, step } from './scan.ts'
import { isRecord, parseJson } from './scan-tensors.ts'
import type { Place } from './security-finding.ts'

const largestConfig = 64 * 1024 ** 2
const onnx = 'save the model as ONNX (tf2onnx), or write the layer as a class of your own package'

export function scanKerasConfig(scan: Scan, place: Place, text: string): void {
  if (text.length > largestConfig) throw new UnreadableContent('its configuration is too large', 0)
  const config = parseJson(text)
  if (!isRecord(config)) throw new UnreadableContent('its configuration is no JSON', 0)
  const waiting: unknown[] = [config]
  while (waiting.length > 0) {
    step(scan, 0)
    const value = waiting.pop()
    if (Array.isArray(value)) waiting.push(...value.slice(0, 100_000))
    else if (isRecord(value)) {
      tellObject(scan, place, value)
      waiting.push(...Object.values(value).filter((one) => typeof one === 'object'))
    }
  }
}

/** Modules whose classes Keras itself brings. */
const kerasModules =
  /^(keras|tf_keras|keras_core|keras_cv|keras_nlp|keras_hub|tensorflow|tensorflow\.keras|tf)(\.|$)/
const codeClasses = /^(Lambda|__lambda__|TFSMLayer|TorchModuleWrapper|JaxLayer|FlaxLayer)$/

function tellObject(scan: Scan, place: Place, value: Readonly<Record<string, unknown>>): void {
  const { class_name: name, module, config } = value
  if (typeof name === 'string' && codeClasses.test(name.replace(/^.*>/, '')))
    found(scan, {
      rule: 'keras.code',
      severity: 'critical',
      place,
      subject: shown(name),
      what: `a ${shown(name)} layer carries code or loads another model, which runs when this one is loaded`,
      next: onnx,
    })
  if (typeof module === 'string' && module !== '' && !kerasModules.test(module)) {
    const named = `${module}.${typeof config === 'string' ? config : String(name ?? '')}`
    found(scan, {
      rule: 'keras.code',
      severity: 'high',
      place,
      subject: shown(named),
      what: `loading the model imports ${shown(named)}, which is no part of Keras`,
      next: `if that is your own code and you trust the file, add {allow: [${shown(named)}]}`,
    })
  }
  if (isRecord(config) && typeof config.vocabulary === 'string' && config.vocabulary !== '')
    found(scan, {
      rule: 'keras.file_access',
      severity: 'high',
      place,
      subject: shown(config.vocabulary),
      what: `a layer reads its vocabulary from ${shown(config.vocabulary)} while the model is loaded`,
      next: 'save the model with the vocabulary inside',
    })
}

const pieceBytes = 1 << 20
/** Longer than anything looked for, so that nothing is lost between two pieces. */
const overlap = 4096

/**
 * HDF5 is not walked: the text of the layers stands uncompressed in attributes, so it is looked for in all bytes. An external
 * link is a link message of type 64, an external file list a message that begins with a local heap; both name a file.
 */
export function scanHdf5(scan: Scan, place: Place, source: ByteSource): void {
  for (let at = 0; at < source.size; at += pieceBytes) {
    step(scan, at, 1 + pieceBytes / 256)
    const piece = latin1(source.read(at, pieceBytes + overlap))
    for (const { pattern, rule, severity, what } of hdf5Signs) {
      const match = pattern.exec(piece)
      if (match === null) continue
      const name = shown(match[1] ?? '')
      const subject = name || rule
      if (
        scan.findings.some(
          (one) => one.rule === rule && one.subject === subject && one.place === place,
        )
      )
        continue
      found(scan, { rule, severity, place, subject, what: what(name), next: onnx })
    }
  }
}

const hdf5Signs = [
  {
    pattern: /\\?"class_name\\?"\s*:\s*\\?"(Lambda|__lambda__|TFSMLayer|TorchModuleWrapper)\\?"/,
    rule: 'keras.code' as const,
    severity: 'critical' as const,
    what: (name: string) =>
      `a ${name} layer carries code or loads another model, which runs when this one is loaded`,
  },
  {
    pattern: /\\?"module\\?"\s*:\s*\\?"((?!keras|tf_keras|tensorflow|tf\b)[A-Za-z_][\w.]*)\\?"/,
    rule: 'keras.code' as const,
    severity: 'high' as const,
    what: (name: string) => `loading the model imports ${name}, which is no part of Keras`,
  },
  {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a binary format
    pattern: /\x01[\x08-\x1f]\x40[\s\S]{0,24}?([\w./-]{1,80}\.(?:h5|hdf5|keras))\x00/,
    rule: 'hdf5.external_link' as const,
    severity: 'high' as const,
    what: (name: string) => `the file links to ${name}, another file of the machine`,
  },
]
