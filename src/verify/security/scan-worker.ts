// Worker thread: scans one artifact, so that nothing else waits for it and a file that takes too much memory or time ends only this.
import { parentPort, workerData } from 'node:worker_threads'
import { type FilesToScan, scanFiles } from './scan-files-fs.ts'

const { files }: FilesToScan = workerData
parentPort?.postMessage(scanFiles({ files }))
