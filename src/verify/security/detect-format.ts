// What a content is, told by its bytes; what its ending promises is told apart, because loaders go by the one or the other.
import { type ByteSource, latin1, startsWith, utf8 } from './byte-source.ts'
import type { Compression } from './inflate.ts'
import { looksLikeOnnx } from './scan-onnx.ts'
import { looksLikePickle } from './scan-pickle.ts'
import { looksLikeSavedModel } from './scan-saved-model.ts'
import { isTarHeader } from './scan-tar.ts'
import { looksLikeSafetensors } from './scan-tensors.ts'
import { namesInZip } from './scan-zip.ts'
import type { ArtifactFormat } from './security-finding.ts'

export function detectFormat(source: ByteSource, name: string): ArtifactFormat {
  if (source.size === 0) return 'empty'
  const promised = promisedBy(name)
  const magic = byMagic(source)
  if (magic !== undefined) return magic
  if (compressionOf(source) !== undefined) return 'compressed'
  if (looksLikeSafetensors(source)) return 'safetensors'
  if (source.read(0, 1)[0] === 0x80 && looksLikePickle(source, 0)) return pickleKind(source, name)
  if (looksLikeUbj(source)) return 'ubj'
  const text = textKind(source, name)
  if (promised === 'pickle' || promised === 'torch' || promised === 'joblib')
    return looksLikePickle(source, 0) ? pickleKind(source, name) : (text ?? 'unknown')
  if (looksLikeSavedModel(source) && promised !== 'onnx') return 'saved_model'
  if (looksLikeOnnx(source)) return 'onnx'
  if (isTarHeader(source)) return 'tar'
  return text ?? 'unknown'
}

function byMagic(source: ByteSource): ArtifactFormat | undefined {
  const head = latin1(source.read(0, 8))
  if (head.startsWith('PK\x03\x04') || head.startsWith('PK\x05\x06')) return zipKind(source)
  if (head.startsWith('GGUF')) return 'gguf'
  if (head.startsWith('\x89HDF\r\n\x1a\n')) return 'hdf5'
  if (head.startsWith('\x93NUMPY')) return 'npy'
  if (head.startsWith('CBM1')) return 'catboost'
  if (head.slice(4) === 'TFL3') return 'tflite'
  if (startsWith(source, 'ustar', 257)) return 'tar'
  for (const at of [512, 1024, 2048, 4096])
    if (startsWith(source, '\x89HDF\r\n\x1a\n', at)) return 'hdf5'
  return undefined
}

function zipKind(source: ByteSource): ArtifactFormat {
  const names = namesInZip(source)
  if (names.some((name) => /(^|\/)data\.pkl$/.test(name))) return 'torch'
  if (names.includes('config.json') && names.some((name) => /^model\.weights/.test(name)))
    return 'keras'
  if (names.length > 0 && names.every((name) => name.endsWith('.npy'))) return 'npz'
  return 'zip'
}

/** Kinds that can be made plain here, and those that cannot. */
export function compressionOf(source: ByteSource): Compression | 'unread' | undefined {
  const [a = 0, b = 0, c = 0, d = 0] = source.read(0, 4)
  if (a === 0x1f && b === 0x8b) return 'gzip'
  if (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) return 'zstd'
  if (a === 0x78 && (b === 0x01 || b === 0x5e || b === 0x9c || b === 0xda)) return 'zlib'
  const head = latin1(source.read(0, 6))
  if (/^BZh[1-9]/.test(head) || head === '\xfd7zXZ\x00' || head.startsWith('\x04"M\x18'))
    return 'unread'
  if (a === 0x5d && b === 0 && c === 0) return 'unread'
  return head.startsWith('7z\xbc\xaf') || head.startsWith('Rar!') ? 'unread' : undefined
}

/** A torch file before 1.6 begins with its magic number as a pickle of its own (torch/serialization.py, MAGIC_NUMBER). */
function pickleKind(source: ByteSource, name: string): ArtifactFormat {
  if (latin1(source.read(0, 16)).includes('\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19')) return 'torch_legacy'
  if (latin1(source.read(0, 4096)).includes('numpy_pickle')) return 'joblib'
  return /\.joblib$/i.test(name) ? 'joblib' : 'pickle'
}

function looksLikeUbj(source: ByteSource): boolean {
  const [first = 0, second = 0, third = 0] = source.read(0, 3)
  if (first !== 0x7b) return false
  const letter = String.fromCharCode(second)
  // '{' and the length of the first name, as XGBoost writes it; JSON has a quote, space or brace there.
  return 'iUIlL'.includes(letter) && third < 0x20
}

const headBytes = 64 * 1024

function textKind(source: ByteSource, name: string): ArtifactFormat | undefined {
  const head = source.read(0, headBytes)
  const text = utf8(head)
  // The piece may end in the middle of a letter.
  const whole = source.size > headBytes ? text.slice(0, -4) : text
  if (head.some(isControl) || whole.includes('\ufffd')) return undefined
  if (/\.(py|pyw|ipynb|sh)$/i.test(name) || /^#!/.test(text)) return 'python'
  if (/^\s*[[{]/.test(text) && !/\.(ya?ml|md|txt)$/i.test(name)) return 'json'
  return /^tree\r?\nversion=/.test(text) ? 'lightgbm' : 'text'
}

/** Never in text, escape apart. */
function isControl(byte: number): boolean {
  return byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b
}

/** Undefined for endings that promise nothing (`.bin`, `.model`, none). */
export function promisedBy(name: string): ArtifactFormat | undefined {
  const ending = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? ''
  return endings[ending]
}

const endings: Readonly<Record<string, ArtifactFormat>> = {
  onnx: 'onnx',
  safetensors: 'safetensors',
  gguf: 'gguf',
  json: 'json',
  ubj: 'ubj',
  cbm: 'catboost',
  tflite: 'tflite',
  keras: 'keras',
  h5: 'hdf5',
  hdf5: 'hdf5',
  npy: 'npy',
  npz: 'npz',
  pt: 'torch',
  pth: 'torch',
  ckpt: 'torch',
  pkl: 'pickle',
  pickle: 'pickle',
  dill: 'pickle',
  cloudpickle: 'pickle',
  joblib: 'joblib',
  zip: 'zip',
  tar: 'tar',
  yaml: 'text',
  yml: 'text',
  txt: 'text',
  md: 'text',
  py: 'python',
}

/** Formats that one ending may stand for without a word. */
const kin: Readonly<Partial<Record<ArtifactFormat, readonly ArtifactFormat[]>>> = {
  torch: ['torch_legacy', 'pickle', 'tar', 'zip'],
  pickle: ['joblib', 'compressed', 'torch_legacy'],
  joblib: ['pickle', 'compressed'],
  zip: ['torch', 'keras', 'npz'],
  tar: ['compressed'],
  npz: ['zip'],
  text: ['json', 'python', 'empty', 'lightgbm'],
  python: ['text', 'empty'],
  json: ['text'],
}

export function breaksPromise(promised: ArtifactFormat, is: ArtifactFormat): boolean {
  return promised !== is && kin[promised]?.includes(is) !== true
}
