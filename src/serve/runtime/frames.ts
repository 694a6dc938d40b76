// The language between gateway and replica: length-framed messages on a unix socket, many in flight at once.
//
//   question: u32 length of the rest │ u32 id │ u8 kind │ u8 label length │ label │ body
//   answer:   u32 length of the rest │ u32 id │ u16 status │ u32 rows │ u32 compute µs │ body
//
// Little-endian. The label of an infer question is the prediction id; bodies are Open Inference Protocol JSON, unparsed.

export const questionKinds = { infer: 1, metadata: 2, ready: 3, shutdown: 4 } as const
export type QuestionKind = (typeof questionKinds)[keyof typeof questionKinds]

/** Larger than any body the gateway lets through; a longer frame means the peer does not speak this language. */
export const maxFrameBytes = 64 * 1024 * 1024

export interface Question {
  readonly id: number
  readonly kind: number
  readonly label: string
  readonly body: Buffer
}

export interface Answer {
  readonly id: number
  readonly status: number
  readonly rows: number
  readonly computeUs: number
  readonly body: Buffer
}

/** The head alone: the body follows as its own write, so large bodies are never copied. */
export function questionHead(
  id: number,
  kind: QuestionKind,
  label: string,
  bodyBytes: number,
): Buffer {
  const head = Buffer.allocUnsafe(10 + label.length)
  head.writeUInt32LE(6 + label.length + bodyBytes, 0)
  head.writeUInt32LE(id, 4)
  head[8] = kind
  head[9] = label.length
  head.write(label, 10, 'latin1')
  return head
}

export function readQuestion(frame: Buffer): Question {
  const labelEnd = 6 + frame.readUInt8(5)
  return {
    id: frame.readUInt32LE(0),
    kind: frame.readUInt8(4),
    label: frame.toString('latin1', 6, labelEnd),
    body: frame.subarray(labelEnd),
  }
}

export interface AnswerParts {
  readonly id: number
  readonly status: number
  readonly rows: number
  readonly computeUs: number
  readonly body: string
}

export function answerFrame({ id, status, rows, computeUs, body }: AnswerParts): Buffer {
  const bodyBytes = Buffer.byteLength(body)
  const frame = Buffer.allocUnsafe(18 + bodyBytes)
  frame.writeUInt32LE(14 + bodyBytes, 0)
  frame.writeUInt32LE(id, 4)
  frame.writeUInt16LE(status, 8)
  frame.writeUInt32LE(rows, 10)
  frame.writeUInt32LE(computeUs, 14)
  frame.write(body, 18)
  return frame
}

export function readAnswer(frame: Buffer): Answer {
  return {
    id: frame.readUInt32LE(0),
    status: frame.readUInt16LE(4),
    rows: frame.readUInt32LE(6),
    computeUs: frame.readUInt32LE(10),
    body: frame.subarray(14),
  }
}

/**
 * Cuts a byte stream into frames, whatever way it was chunked. `onFrame` gets the frame without its length.
 * Returns a function to feed chunks to; it answers false, and takes nothing more, once the stream makes no sense.
 */
export function frameReader(
  smallest: number,
  onFrame: (frame: Buffer) => void,
): (chunk: Buffer) => boolean {
  let parts: Buffer[] = []
  let held = 0
  let needed = 4
  let broken = false
  return (chunk) => {
    if (broken) return false
    parts.push(chunk)
    held += chunk.length
    if (held < needed) return true
    let bytes = parts.length === 1 ? chunk : Buffer.concat(parts, held)
    needed = 4
    while (bytes.length >= 4) {
      const size = bytes.readUInt32LE(0)
      if (size < smallest || size > maxFrameBytes) {
        broken = true
        return false
      }
      needed = 4 + size
      if (bytes.length < needed) break
      onFrame(bytes.subarray(4, needed))
      bytes = bytes.subarray(needed)
      needed = 4
    }
    parts = bytes.length > 0 ? [bytes] : []
    held = bytes.length
    return true
  }
}

export const smallestQuestion = 6
export const smallestAnswer = 14
