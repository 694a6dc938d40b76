// Reads the fields of a protobuf message where it lies, without a schema and without keeping anything: models of gigabytes are
// walked by skipping what is not asked for. Format: https://protobuf.dev/programming-guides/encoding/
import { ByteCursor, type ByteSource, UnreadableContent, utf8, windowOf } from './byte-source.ts'

export interface ProtoField {
  readonly number: number
  readonly wire: 0 | 1 | 2 | 5
  /** Of a varint, when it is a safe whole number; else 0. */
  readonly value: number
  /** Of a counted field. */
  readonly start: number
  readonly length: number
}

/** Calls `each` for every field; throws UnreadableContent for bytes that are no message. */
export function readFields(
  source: ByteSource,
  step: (at: number) => void,
  each: (field: ProtoField) => void,
): void {
  const cursor = new ByteCursor(source)
  while (cursor.left > 0) {
    const at = cursor.at
    step(at)
    const key = varint(cursor)
    const wire = key & 7
    const number = Math.floor(key / 8)
    if (number === 0) throw new UnreadableContent('no protobuf field', at)
    if (wire === 0) each({ number, wire, value: varint(cursor), start: 0, length: 0 })
    else if (wire === 2) {
      const length = varint(cursor)
      const start = cursor.at
      cursor.skip(length)
      each({ number, wire, value: 0, start, length })
    } else if (wire === 1 || wire === 5) {
      const start = cursor.at
      const length = wire === 1 ? 8 : 4
      cursor.skip(length)
      each({ number, wire, value: 0, start, length })
    } else throw new UnreadableContent('no protobuf field', at)
  }
}

function varint(cursor: ByteCursor): number {
  const at = cursor.at
  let value = 0
  let scale = 1
  for (let index = 0; index < 10; index++) {
    const byte = cursor.u8()
    value += (byte & 0x7f) * scale
    if (byte < 0x80) return Number.isSafeInteger(value) ? value : 0
    scale *= 128
  }
  throw new UnreadableContent('a number in a protobuf message never ends', at)
}

export function inside(source: ByteSource, { start, length }: ProtoField): ByteSource {
  return windowOf(source, start, length)
}

/** Of names and paths; longer ones are cut. */
export function textIn(source: ByteSource, { start, length }: ProtoField, longest = 4096): string {
  return utf8(source.read(start, Math.min(length, longest)))
}
