// The earlier run that a new one would only repeat.
import type { ObjectStore } from '../../store/object-store.ts'
import { type EndedRun, type Run, runKind } from './run.ts'

/** The newest successful run of the whole pipeline with the same inputs. */
export async function twinOf(
  store: ObjectStore,
  model: string,
  inputsDigest: string,
): Promise<EndedRun | undefined> {
  const earlier: Run[] = await store.list(runKind, { model, limit: 200 })
  return earlier.find(
    (other): other is EndedRun =>
      other.phase === 'succeeded' &&
      other.releaseId !== null &&
      other.inputsDigest === inputsDigest,
  )
}
