// Recorded requests and answers: a bounded ring of finished lines, built from raw bytes without reading them.
import type { Instant } from '../../foundation/clock.ts'
import { murmur3 } from './murmur3.ts'

export interface CaptureOptions {
  /** Share of answered requests that are recorded, 0 to 1. */
  readonly sampleRate: number
  /** Lines kept until the next flush; the oldest give way. */
  readonly maxRows?: number
  readonly maxBytes?: number
}

export interface Captured {
  readonly at: Instant
  readonly predictionId: string
  readonly environment: string
  readonly model: string
  readonly releaseId: string
  readonly arm: string
  readonly request: Buffer
  readonly response: Buffer
}

export class CaptureRing {
  readonly #threshold: number
  readonly #maxRows: number
  readonly #maxBytes: number
  #lines: Buffer[] = []
  #bytes = 0
  #dropped = 0

  constructor(options: CaptureOptions) {
    this.#threshold = options.sampleRate * 4_294_967_296
    this.#maxRows = options.maxRows ?? 5000
    this.#maxBytes = options.maxBytes ?? 16 * 1024 * 1024
  }

  /** Decided by the prediction's id, so it needs no random numbers and can be repeated. */
  isSampled(predictionId: string): boolean {
    return this.#threshold > 0 && murmur3(predictionId) < this.#threshold
  }

  add(captured: Captured): void {
    this.#push(captureLine(captured))
    this.#makeRoom()
  }

  take(): { readonly lines: readonly Buffer[]; readonly dropped: number } {
    const taken = { lines: this.#lines, dropped: this.#dropped }
    this.#lines = []
    this.#bytes = 0
    this.#dropped = 0
    return taken
  }

  /** Puts back what could not be written, before what was added meanwhile. */
  restore(lines: readonly Buffer[]): void {
    const newer = this.#lines
    this.#lines = []
    this.#bytes = 0
    for (const line of lines) this.#push(line)
    for (const line of newer) this.#push(line)
    this.#makeRoom()
  }

  addDropped(count: number): void {
    this.#dropped += count
  }

  #push(line: Buffer): void {
    this.#lines.push(line)
    this.#bytes += line.length
  }

  #makeRoom(): void {
    while (this.#lines.length > this.#maxRows || this.#bytes > this.#maxBytes) {
      this.#bytes -= this.#lines.shift()?.length ?? 0
      this.#dropped++
    }
  }
}

const between = Buffer.from(',"response":')
const closing = Buffer.from('}\n')

/** Only 200s come here: both bodies were read as JSON by the replica, so joining their bytes makes JSON. */
function captureLine(captured: Captured): Buffer {
  const { at, predictionId, environment, model, releaseId, arm } = captured
  const head = `${JSON.stringify({ at, id: predictionId, environment, model, releaseId, arm, status: 200 }).slice(0, -1)},"request":`
  return Buffer.concat([
    Buffer.from(head),
    onOneLine(captured.request),
    between,
    captured.response,
    closing,
  ])
}

/** A line break in JSON is always white space outside strings, so a blank means the same. */
function onOneLine(json: Buffer): Buffer {
  if (!json.includes(10) && !json.includes(13)) return json
  return Buffer.from(json.map((byte) => (byte === 10 || byte === 13 ? 32 : byte)))
}
