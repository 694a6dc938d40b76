// foreach, matrix and seeds: the copies one declared step is made into, each with a name and the values of its ${…}. Pure.
import { canonicalJson, type Json } from '../foundation/canonical-json.ts'
import { digestOfJson, shortDigest } from '../foundation/digest.ts'
import type { RawStep } from './step-schema.ts'

export interface StepCopy {
  /** `train` or `train@0.1-lbfgs-seed-1`. */
  readonly name: string
  readonly seed: number | null
  /** What ${…} may name here, without the braces: item, item.rate, key, matrix.C, seed. */
  readonly values: ReadonlyMap<string, Json>
}

/** More would be a mistake in the file, not a pipeline. */
export const mostCopies = 10_000

export function copyCount(step: RawStep): number {
  const { foreach, matrix, seeds } = step
  const items = foreach === undefined ? 1 : Object.keys(foreach).length
  const cells = Object.values(matrix ?? {}).reduce((product, list) => product * list.length, 1)
  return items * cells * (seeds?.length ?? 1)
}

/** One for a plain step. Names differ exactly when the values do. */
export function copiesOf(name: string, step: RawStep): StepCopy[] {
  const seeds = step.seeds ?? [null]
  return cellsOf(step).flatMap((cell) =>
    seeds.map((seed) => {
      const parts = [
        ...(cell.key === null ? [] : [cell.key]),
        ...(seed === null ? [] : [`seed-${seed}`]),
      ]
      const values = new Map(cell.values)
      if (cell.key !== null) values.set('key', cell.key)
      if (seed !== null) values.set('seed', seed)
      return {
        name: parts.length === 0 ? name : `${name}@${parts.join('-')}`,
        seed: seed ?? step.seed,
        values,
      }
    }),
  )
}

interface Cell {
  readonly key: string | null
  readonly values: readonly (readonly [string, Json])[]
}

function cellsOf({ foreach, matrix }: RawStep): Cell[] {
  if (Array.isArray(foreach))
    return foreach.map((item) => ({ key: safeName(item), values: itemValues(item) }))
  if (foreach !== undefined)
    return Object.entries(foreach).map(([key, item]) => ({
      key: safeName(key),
      values: itemValues(item),
    }))
  if (matrix === undefined) return [{ key: null, values: [] }]
  let cells: (readonly (readonly [string, Json])[])[] = [[]]
  for (const [axis, list] of Object.entries(matrix))
    cells = cells.flatMap((cell) => list.map((value) => [...cell, [axis, value] as const]))
  return cells.map((cell) => ({
    key: cell.map(([, value]) => safeName(value)).join('-'),
    values: cell.map(([axis, value]) => [`matrix.${axis}`, value] as const),
  }))
}

function itemValues(item: Json): (readonly [string, Json])[] {
  if (typeof item !== 'object' || item === null) return [['item', item]]
  return Object.entries(item).map(([name, value]) => [`item.${name}`, value ?? null] as const)
}

/** What a value is called in names and paths. One with awkward characters gets a piece of its digest, so that names stay different. */
export function safeName(value: Json): string {
  const text = isMembers(value)
    ? Object.entries(value)
        .map(([name, member]) => `${name}=${textOf(member ?? null)}`)
        .join('-')
    : textOf(value)
  const plain = text
    .replace(/[^A-Za-z0-9._=-]+/g, '-')
    .replace(/^[^A-Za-z0-9-]+/, '')
    .slice(0, 48)
  return plain === text && text !== ''
    ? plain
    : `${plain}-${shortDigest(digestOfJson(text)).slice(0, 8)}`
}

/** As it stands in a command or a path. */
export function textOf(value: Json): string {
  return typeof value === 'string' ? value : canonicalJson(value)
}

function isMembers(value: Json): value is { readonly [key: string]: Json | undefined } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
