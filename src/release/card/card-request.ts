// What a card is made of: the manifest, the facts stored with it, and what became of the release since.
import type { ReleaseManifest } from '../manifest.ts'
import type { CardFacts, CardGate } from './card-facts.ts'

export interface CardRequest {
  readonly manifest: ReleaseManifest
  readonly number: number
  readonly facts: CardFacts
  readonly signedBy?: string
  /** environment → what became of it there: `serving`. */
  readonly environments?: Readonly<Record<string, string>>
  /** Newest first. */
  readonly rebuilds?: readonly RebuildSummary[]
}

export interface RebuildSummary {
  readonly level: string
  readonly because: string
  /** ISO 8601, UTC. */
  readonly finishedAt: string
}

/** For a release that was sealed without facts: only what its run recorded. */
export function bareFacts(manifest: ReleaseManifest, gates: readonly CardGate[]): CardFacts {
  return {
    version: 1,
    model: { name: manifest.model, owner: null, description: null },
    statement: { sections: [] },
    evaluation: null,
    gates,
    performance: null,
    profile: null,
    predictions: null,
  }
}

/** `[N, 4]`: -1 stands for the batch. */
export function shapeText(shape: readonly number[]): string {
  return `[${shape.map((length) => (length === -1 ? 'N' : length)).join(', ')}]`
}

/** Nested parameters as dotted names, so that each has a line of its own. */
export function parameterRows({ parameters, seed }: ReleaseManifest): [string, string][] {
  const rows = Object.entries(parameters).flatMap(([name, value]) =>
    flat(name.endsWith(':') ? name.slice(0, -1) : name, value),
  )
  return [...rows, ['seed', String(seed ?? 'none')]]
}

function flat(name: string, value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const isShort = Array.isArray(value) && value.every((one) => typeof one !== 'object')
    return [[name, isShort ? value.join(', ') : JSON.stringify(value)]]
  }
  return Object.entries(value).flatMap(([key, member]) => flat(`${name}.${key}`, member))
}
