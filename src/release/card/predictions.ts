// The label and score of every holdout row as a stored object, so that any two releases can be compared row by row, without data.
import { gunzipSync, gzipSync } from 'node:zlib'
import { type Refusal, refuse } from '../../foundation/refusal.ts'

export interface Predictions {
  readonly labels: Uint8Array
  readonly scores: Float64Array
}

const magic = 'lockstep-predictions 1'

/** Gzip of: a line of text, one byte per label, the scores little-endian. Four bytes each where that loses nothing. */
export function encodePredictions({ labels, scores }: Predictions): Buffer {
  const width = scores.every((score) => Object.is(Math.fround(score), score)) ? 4 : 8
  const head = Buffer.from(`${magic} rows=${labels.length} bytes=${width}\n`, 'utf8')
  const body = Buffer.alloc(scores.length * width)
  for (const [row, score] of scores.entries()) {
    if (width === 4) body.writeFloatLE(score, row * 4)
    else body.writeDoubleLE(score, row * 8)
  }
  return gzipSync(Buffer.concat([head, labels, body]), { level: 6 })
}

export function decodePredictions(bytes: Uint8Array): Predictions | Refusal {
  let plain: Buffer
  try {
    plain = gunzipSync(bytes, { maxOutputLength: 2 ** 31 })
  } catch {
    return refuse('release.predictions_unreadable', 'the stored predictions are not gzip')
  }
  const end = plain.indexOf(10)
  const head = /^lockstep-predictions 1 rows=(\d{1,10}) bytes=([48])$/.exec(
    plain.subarray(0, Math.max(0, Math.min(end, 100))).toString('utf8'),
  )
  const rows = Number(head?.[1] ?? Number.NaN)
  const width = Number(head?.[2])
  if (!head || plain.length !== end + 1 + rows * (1 + width)) {
    return refuse(
      'release.predictions_unreadable',
      `the stored predictions do not begin with '${magic}' or are cut short`,
    )
  }
  const labels = Uint8Array.from(plain.subarray(end + 1, end + 1 + rows))
  const body = plain.subarray(end + 1 + rows)
  const scores = Float64Array.from({ length: rows }, (_, row) =>
    width === 4 ? body.readFloatLE(row * 4) : body.readDoubleLE(row * 8),
  )
  return { labels, scores }
}
