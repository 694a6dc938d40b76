// A manifest as the first version wrote it, read in the shape of the second. Only reading: what is hashed and signed stays the stored bytes.

/** The first version kept less, and what it did not keep is said to be unknown rather than made up. */
export function upgradeManifest(first: Readonly<Record<string, unknown>>): unknown {
  const { version: _version, code, artifact, environment, pipeline, ...rest } = first
  const { lock: _lock, ...machine } = part(environment)
  return {
    ...rest,
    version: 2,
    // Its digest named no stored object.
    code: { ...part(code), tree: null },
    artifact: { ...part(artifact), folder: null },
    environment: {
      ...machine,
      machine: { processor: 'unknown', processors: 0, memoryBytes: 0 },
      runtimes: [],
    },
    pipeline: { ...part(pipeline), steps: list(part(pipeline).steps).map(upgradeStep) },
    card: null,
    reproducibility: { level: 'R0', reasons: [recordedLess] },
  }
}

const recordedLess = {
  code: 'input-missing',
  step: null,
  sentence: 'it was sealed by the first version of Lockstep, which did not keep the code it read',
}

/** Whether an output was a folder was not written down; most were files. */
function upgradeStep(step: unknown): unknown {
  const { outputs, ...rest } = part(step)
  return { ...rest, outputs: list(outputs).map((output) => ({ kind: 'file', ...part(output) })) }
}

function part(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}
