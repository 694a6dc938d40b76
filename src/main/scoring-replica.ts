// A replica for gates: a short-lived process outside the supervisor, ended with the evaluation or with this process.
import { spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { OpenScoringReplica } from '../control/runs/evaluation/scoring-replica.ts'
import { type FailureMessage, isFailure } from '../deliver/platforms/local/child-message.ts'
import { LockstepError } from '../foundation/errors.ts'
import { newId } from '../foundation/ids.ts'
import { stopwatch, systemClock } from '../foundation/system-clock.ts'
import type { DataFolder } from '../project/data-folder.ts'
import { socketNames } from '../project/data-folder.ts'
import { connectReplica } from '../serve/runtime/replica-client.ts'
import { entry } from './package-info.ts'

const patienceMs = 60_000
const graceMs = 3000

export function scoringReplicas(folder: DataFolder): OpenScoringReplica {
  return async ({ modelPath, label, digest, modelName }, signal) => {
    const socketPath = join(
      folder.sockets,
      socketNames.replica(newId('scoring', systemClock.now())),
    )
    const config = {
      modelPath,
      digest,
      modelName,
      release: 'candidate',
      releaseId: 'candidate',
      socketPath,
    }
    const elapsed = stopwatch()
    const [command = '', ...args] = [...entry('replica'), JSON.stringify(config)]
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
    const stop = async () => {
      const patience = new AbortController()
      child.kill('SIGTERM')
      void systemClock.sleep(graceMs, patience.signal).then(() => {
        if (!patience.signal.aborted) child.kill('SIGKILL')
      })
      await gone
      patience.abort()
      await rm(socketPath, { force: true })
    }
    const limit = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
    const outcome = await new Promise<'ready' | 'gone' | 'late' | FailureMessage>((resolve) => {
      child.on('message', (message) => resolve(isFailure(message) ? message : 'ready'))
      child.once('exit', () => resolve('gone'))
      limit.addEventListener('abort', () => resolve('late'), { once: true })
      if (limit.aborted) resolve('late')
    })
    if (outcome !== 'ready') {
      await stop()
      throw notLoaded(outcome, { modelPath, label })
    }
    const loadMs = elapsed()
    const client = connectReplica(socketPath)
    const { inputs, outputs } = await client.metadata()
    return {
      client,
      signature: { inputs, outputs },
      loadMs,
      ...(child.pid === undefined ? {} : { processId: child.pid }),
      async stop() {
        client.close()
        await stop()
      },
    }
  }
}

function notLoaded(
  outcome: 'gone' | 'late' | FailureMessage,
  { modelPath, label }: { readonly modelPath: string; readonly label: string },
): LockstepError {
  const reason = isFailure(outcome)
    ? outcome.failed.message.replaceAll(modelPath, label)
    : outcome === 'late'
      ? `${label} was not loaded within ${patienceMs / 1000} s`
      : `its process ended while loading ${label}`
  return new LockstepError({
    code: 'run.model_not_loaded',
    kind: 'invalid',
    message: `the model cannot be served: ${reason}`,
    hint: 'the training step must write a valid ONNX model at model.artifact',
  })
}
