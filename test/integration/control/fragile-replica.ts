// A replica that does not survive what it was not made for: its process ends without a word when a text is longer than expected.
// Argument: model path and socket path as JSON.
import { createServer } from 'node:net'
import { systemClock } from '../../../src/foundation/system-clock.ts'
import { createBatcher } from '../../../src/serve/runtime/batcher.ts'
import { frameWriter } from '../../../src/serve/runtime/frame-writer.ts'
import {
  answerFrame,
  frameReader,
  readQuestion,
  smallestQuestion,
} from '../../../src/serve/runtime/frames.ts'
import { openModel } from '../../../src/serve/runtime/model-session.ts'
import { createAnswering } from '../../../src/serve/runtime/replica-answers.ts'

const { modelPath, socketPath } = JSON.parse(process.argv[2] ?? '{}') as {
  readonly modelPath: string
  readonly socketPath: string
}
const longestText = 2000

const session = await openModel(modelPath)
const answer = createAnswering({
  metadata: {
    ...{ name: 'fragile', versions: ['0'], platform: 'onnxruntime_onnx' },
    ...session.signature,
    ...{ releaseId: 'fragile', digest: '', batchable: true },
  },
  batcher: createBatcher({ run: session.run, maxRows: 256, maxQueued: 4096 }),
  isDraining: () => false,
  stop: async () => process.exit(0),
})
const server = createServer((socket) => {
  const write = frameWriter(socket)
  const read = frameReader(smallestQuestion, (frame) => {
    const question = readQuestion(frame)
    if (question.body.includes('x'.repeat(longestText))) process.exit(139)
    answer(question, (parts) => write(answerFrame(parts)))
  })
  socket.on('data', (chunk: Buffer) => void read(chunk))
  socket.on('error', () => socket.destroy())
})
server.listen(socketPath, () => process.stdout.write('ready\n'))
process.on('SIGTERM', () => process.exit(0))
// Nobody who forgets it keeps it for ever.
void systemClock.sleep(60_000).then(() => process.exit(0))
