// What a worker did since it started, as Prometheus text (exposition format 0.0.4). Fed at each flush, so the hot path
// pays nothing; labels carry the resolved release, never the one in the URL.
import type { EvidenceCell } from './evidence.ts'
import { latencyEdgesMs } from './latency-buckets.ts'

interface Total {
  readonly labels: string
  ok: number
  errors: number
  clientErrors: number
  unavailable: number
  rows: number
  sumMs: number
  readonly buckets: Float64Array
}

export interface Gauge {
  readonly name: string
  readonly help: string
  readonly values: readonly { readonly labels: string; readonly value: number }[]
}

/** Every sixth edge is a step of 1.77: enough for a histogram on a dashboard. */
const shownEvery = 6

export class Metrics {
  readonly #totals = new Map<string, Total>()
  readonly #dropped = { capture: 0, mirror: 0, evidence: 0 }

  add(cells: readonly EvidenceCell[]): void {
    for (const cell of cells) {
      const total = this.#totalOf(cell)
      total.ok += cell.requests - cell.errors - cell.clientErrors - cell.unavailable
      total.errors += cell.errors
      total.clientErrors += cell.clientErrors
      total.unavailable += cell.unavailable
      total.rows += cell.rows
      total.sumMs += cell.sumMs
      for (const [bucket, count] of cell.buckets.entries()) {
        total.buckets[bucket] = (total.buckets[bucket] ?? 0) + count
      }
    }
  }

  addDropped(dropped: {
    readonly capture: number
    readonly mirror: number
    readonly evidence: number
  }): void {
    this.#dropped.capture += dropped.capture
    this.#dropped.mirror += dropped.mirror
    this.#dropped.evidence += dropped.evidence
  }

  text(gauges: readonly Gauge[]): string {
    const totals = [...this.#totals.values()]
    const lines = [
      '# HELP lockstep_gateway_requests_total Inference requests by outcome.',
      '# TYPE lockstep_gateway_requests_total counter',
      ...totals.flatMap(requestLines),
      '# HELP lockstep_gateway_rows_total Rows answered.',
      '# TYPE lockstep_gateway_rows_total counter',
      ...totals.map(({ labels, rows }) => `lockstep_gateway_rows_total{${labels}} ${rows}`),
      '# HELP lockstep_gateway_latency_seconds Time from request to answer, of answers and model errors.',
      '# TYPE lockstep_gateway_latency_seconds histogram',
      ...totals.flatMap(latencyLines),
      '# HELP lockstep_gateway_dropped_total Lost for lack of room: captured rows, mirrored requests, evidence cells.',
      '# TYPE lockstep_gateway_dropped_total counter',
      ...Object.entries(this.#dropped).map(
        ([what, count]) => `lockstep_gateway_dropped_total{what="${what}"} ${count}`,
      ),
      ...gauges.flatMap(gaugeLines),
    ]
    return `${lines.join('\n')}\n`
  }

  #totalOf({ environment, model, arm, releaseId }: EvidenceCell): Total {
    const labels = labelText({ environment, model, arm, release_id: releaseId })
    const found = this.#totals.get(labels)
    if (found !== undefined) return found
    const total = {
      ...{ labels, ok: 0, errors: 0, clientErrors: 0, unavailable: 0, rows: 0, sumMs: 0 },
      buckets: new Float64Array(latencyEdgesMs.length + 1),
    }
    this.#totals.set(labels, total)
    return total
  }
}

export function labelText(labels: Readonly<Record<string, string>>): string {
  const quote = (value: string) =>
    value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${quote(value)}"`)
    .join(',')
}

function requestLines(total: Total): readonly string[] {
  const { labels, ok, errors, clientErrors, unavailable } = total
  const outcomes = { ok, error: errors, client_error: clientErrors, unavailable }
  return Object.entries(outcomes).map(
    ([outcome, count]) =>
      `lockstep_gateway_requests_total{${labels},outcome="${outcome}"} ${count}`,
  )
}

function latencyLines({ labels, buckets, sumMs }: Total): readonly string[] {
  const name = 'lockstep_gateway_latency_seconds'
  const lines: string[] = []
  let seen = 0
  for (const [bucket, count] of buckets.entries()) {
    seen += count
    const edge = latencyEdgesMs[bucket]
    if (edge === undefined || bucket % shownEvery !== 0) continue
    lines.push(`${name}_bucket{${labels},le="${(edge / 1000).toPrecision(4)}"} ${seen}`)
  }
  lines.push(`${name}_bucket{${labels},le="+Inf"} ${seen}`)
  lines.push(`${name}_sum{${labels}} ${sumMs / 1000}`, `${name}_count{${labels}} ${seen}`)
  return lines
}

function gaugeLines({ name, help, values }: Gauge): readonly string[] {
  const lines = values.map(({ labels, value }) => `${name}${labels ? `{${labels}}` : ''} ${value}`)
  return [`# HELP ${name} ${help}`, `# TYPE ${name} gauge`, ...lines]
}
