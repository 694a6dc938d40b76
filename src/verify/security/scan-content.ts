// One content of an artifact, a file or a member of an archive: its format is told by its bytes and the scanner of that format
// looks through it, and through what it holds. Nothing is ever loaded or run.
import { type ByteSource, UnreadableContent, utf8, windowOf } from './byte-source.ts'
import { breaksPromise, compressionOf, detectFormat, promisedBy } from './detect-format.ts'
import { inflate } from './inflate.ts'
import { found, notRead, placeAt, type Scan, shown } from './scan.ts'
import { scanJson, scanUbj } from './scan-json.ts'
import { scanHdf5, scanKerasConfig } from './scan-keras.ts'
import { scanOnnx } from './scan-onnx.ts'
import { guessPickle, looksLikePickle, scanPickles } from './scan-pickle.ts'
import { scanSavedModel } from './scan-saved-model.ts'
import { scanTar } from './scan-tar.ts'
import { readNpy, scanGguf, scanSafetensors } from './scan-tensors.ts'
import { type Member, scanZip } from './scan-zip.ts'
import type { ArtifactFormat, Place } from './security-finding.ts'

export interface Content {
  readonly source: ByteSource
  readonly place: Place
  /** With its ending. */
  readonly name: string
  readonly depth: number
  readonly sizeBeside: (path: string) => number | undefined
}

/** What the content is; whatever cannot be read is noted in the scan, and nothing is thrown. */
export function scanContent(scan: Scan, content: Content): ArtifactFormat {
  const { source, place, name, depth } = content
  scan.spent.bytes += source.size
  let format: ArtifactFormat = 'unknown'
  try {
    format = detectFormat(source, name)
    tellMismatch(scan, content, format)
    if (depth > scan.limits.depth)
      throw new UnreadableContent(`it lies more than ${scan.limits.depth} archives deep`, 0)
    if (format === 'compressed') format = scanCompressed(scan, content)
    else scanners[format](scan, content)
  } catch (error) {
    if (error instanceof UnreadableContent)
      notRead(scan, placeAt(place, error.offset), error.message)
    else if (error instanceof RangeError)
      notRead(scan, place, 'its parts are too large or too deep')
    else throw error
  }
  return format
}

function tellMismatch(scan: Scan, { place, name, source }: Content, is: ArtifactFormat): void {
  const promised = promisedBy(name)
  if (promised === undefined || source.size === 0 || is === 'unknown') return
  if (!breaksPromise(promised, is)) return
  found(scan, {
    rule: 'format.mismatch',
    severity: 'high',
    place,
    what: `${shown(name)} is called ${promised} and holds ${is}`,
    next: 'name the file for what it holds; loaders go by the ending or by the bytes, and differ',
  })
}

type Scanner = (scan: Scan, content: Content) => void

const scanners: Readonly<Record<Exclude<ArtifactFormat, 'compressed'>, Scanner>> = {
  onnx: (scan, { source, place, sizeBeside }) => scanOnnx(scan, { source, place, sizeBeside }),
  safetensors: (scan, { source }) => scanSafetensors(scan, source),
  gguf: (scan, { source, place }) => scanGguf(scan, place, source),
  json: (scan, content) => {
    scanJson(scan, content.source)
    if (/(^|\/)config\.json$/.test(content.name)) tellKerasConfig(scan, content)
  },
  ubj: (scan, { source }) => scanUbj(scan, source),
  saved_model: (scan, { source, place }) => scanSavedModel(scan, place, source),
  keras: scanMembers,
  hdf5: (scan, { source, place }) => scanHdf5(scan, place, source),
  npy: scanNpy,
  npz: scanMembers,
  torch: scanMembers,
  torch_legacy: (scan, content) => scanPickle(scan, content, 'anything'),
  pickle: (scan, content) => scanPickle(scan, content, 'nothing'),
  joblib: (scan, content) => scanPickle(scan, content, 'nothing'),
  zip: scanMembers,
  tar: (scan, content) => {
    const { source, place } = content
    scanTar(scan, place, { source, look: (member) => lookInside(scan, content, member) })
  },
  // Text, trees in text and flat buffers hold nothing that a loader runs; code is code, and `format in` decides about it.
  lightgbm: () => {},
  catboost: () => {},
  tflite: () => {},
  text: guessOnly,
  python: () => {},
  empty: () => {},
  unknown: (scan, content) => {
    guessOnly(scan, content)
    throw new UnreadableContent('its format is not known, so it cannot be looked into', 0)
  },
}

function scanPickle(
  scan: Scan,
  { source, place, depth }: Content,
  tail: 'nothing' | 'anything',
): void {
  scanPickles(scan, { source, place, tail, depth, isGuess: false })
}

/** A protocol 0 pickle is plain text: whatever it would import counts under any name. */
function guessOnly(scan: Scan, { source, place, depth }: Content): void {
  if (looksLikePickle(source, 0))
    guessPickle(scan, { source, place, tail: 'anything', depth, isGuess: true })
}

function scanNpy(scan: Scan, { source, place, depth }: Content): void {
  const { contentAt, holdsObjects } = readNpy(source)
  if (!holdsObjects) return
  const inner = windowOf(source, contentAt, source.size - contentAt)
  scanPickles(scan, {
    source: inner,
    place: placeAt(place, contentAt),
    tail: 'nothing',
    depth,
    isGuess: false,
  })
}

function scanMembers(scan: Scan, content: Content): void {
  const { source, place } = content
  scanZip(scan, place, { source, look: (member) => lookInside(scan, content, member) })
}

/** Raw tensors inside a torch archive are numbers: they are looked at as a possible pickle, and are known all the same. */
const rawMember =
  /(^|\/)(data|constants|tensors|weights)\/[^/.]+$|(^|\/)(byteorder|version|\.format_version|\.storage_alignment|\.data\/\w+)$/

function lookInside(scan: Scan, content: Content, member: Member): void {
  const inner: Content = {
    ...content,
    ...member,
    depth: content.depth + 1,
    sizeBeside: () => undefined,
  }
  if (rawMember.test(member.name) && compressionOf(member.source) === undefined) {
    guessOnly(scan, inner)
    return
  }
  scanContent(scan, inner)
}

/** Pickles are told as what they are; an archive stays a compressed one. */
function scanCompressed(scan: Scan, content: Content): ArtifactFormat {
  const how = compressionOf(content.source)
  if (how === undefined || how === 'unread')
    throw new UnreadableContent('it is compressed in a way that is not read here', 0)
  const source = inflate(scan, content.place, { source: content.source, how })
  const name = content.name.replace(/\.(gz|z|zst|tgz)$/i, '')
  const inside = scanContent(scan, { ...content, source, name, depth: content.depth + 1 })
  return inside === 'joblib' || inside === 'pickle' ? inside : 'compressed'
}

function tellKerasConfig(scan: Scan, { source, place }: Content): void {
  const text = utf8(source.read(0, 64 * 1024 ** 2))
  if (/"(class_name|registered_name)"/.test(text)) scanKerasConfig(scan, place, text)
}
