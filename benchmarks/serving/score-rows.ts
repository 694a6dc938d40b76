// How long a gate waits for the scores of a holdout: 100 000 rows of 20 float columns through a replica process.
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { digestOfFile } from '../../src/foundation/digest.ts'
import { randomStream } from '../../src/foundation/random.ts'
import { stopwatch } from '../../src/foundation/system-clock.ts'
import { connectReplica } from '../../src/serve/runtime/replica-client.ts'
import { scoreRows } from '../../src/serve/runtime/score-rows.ts'

const rows = 100_000
const folder = await mkdtemp(join(tmpdir(), 'lockstep-score-'))
const modelPath = new URL('../../test/support/models/columns20.onnx', import.meta.url).pathname
const socketPath = join(folder, 'replica.sock')
const digest = await digestOfFile(modelPath)
const config = { modelPath, modelName: 'm', release: '1', releaseId: 'rel_1', digest, socketPath }
const entry = new URL('../../test/integration/serve/replica-process.ts', import.meta.url).pathname
const child = spawn(process.execPath, [entry, JSON.stringify(config)], {
  stdio: ['ignore', 'pipe', 'inherit'],
})
await new Promise((resolve) => child.stdout.once('data', resolve))
const client = connectReplica(socketPath)
const signature = await client.metadata()
const random = randomStream(1, 'holdout')
const columns = signature.inputs.map(({ name }) => ({
  name,
  values: Array.from({ length: rows }, () => random.next() * 100),
}))
for (let round = 0; round < 3; round++) {
  const elapsed = stopwatch()
  const scored = await scoreRows(client, { signature, columns })
  console.log(
    `${scored.rows} rows × ${columns.length} columns: ${elapsed().toFixed(0)} ms  (budget 3000)`,
  )
}
client.close()
child.kill('SIGTERM')
await rm(folder, { recursive: true, force: true })
