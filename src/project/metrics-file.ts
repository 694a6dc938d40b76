// The numbers in a step's metrics files, by dotted name. Lists are left out: they are plots, not metrics.
import { parse } from 'yaml'
import { type Refusal, refuse } from '../foundation/refusal.ts'

/** A file with more numbers than a person can compare is cut here. */
export const mostMetrics = 500

/** JSON is YAML, so one reader serves both. */
export function metricsIn(text: string, path: string): Readonly<Record<string, number>> | Refusal {
  let root: unknown
  try {
    root = path.endsWith('.json') ? JSON.parse(text) : parse(text, { maxAliasCount: 100 })
  } catch (error) {
    const why = error instanceof Error ? error.message.split('\n')[0] : String(error)
    return refuse('run.metrics_unreadable', `metrics file ${path} cannot be read: ${why}`)
  }
  const found: [string, number][] = []
  collect(root, '', found)
  if (found.length === 0)
    return refuse(
      'run.metrics_empty',
      `metrics file ${path} holds no number under a name; write {"name": 0.93}`,
    )
  return Object.fromEntries(found.slice(0, mostMetrics))
}

function collect(value: unknown, name: string, found: [string, number][]): void {
  if (typeof value === 'number') {
    if (Number.isFinite(value) && name !== '') found.push([name, value])
    return
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return
  for (const [key, inner] of Object.entries(value))
    collect(inner, name === '' ? key : `${name}.${key}`, found)
}
