// A profile read back from a file: what another release, another project or a person kept of a dataset.
import { z } from 'zod'
import type { DatasetProfile } from './profile.ts'

/** Undefined for a text that is no profile. */
export function readProfile(text: string): DatasetProfile | undefined {
  const parsed = profileShape.safeParse(jsonOf(text))
  return parsed.success ? (parsed.data as DatasetProfile) : undefined
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const counts = z.array(z.number())
const nullable = z.number().nullable()
const profileShape = z.object({
  rows: z.number(),
  columns: z.record(
    z.string(),
    z.union([
      z.object({
        ...{ kind: z.literal('numeric'), lowest: z.number(), edges: counts, counts },
        ...{ under: z.number(), over: z.number(), missing: z.number(), nonfinite: z.number() },
        ...{ mean: nullable, std: nullable, min: nullable, max: nullable },
      }),
      z.object({
        ...{ kind: z.literal('category'), categories: z.array(z.string()), counts },
        ...{ other: z.number(), missing: z.number() },
      }),
    ]),
  ),
})
