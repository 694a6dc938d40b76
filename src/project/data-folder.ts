// Where everything Lockstep keeps for a project lies: one folder, `.lockstep/`, beside lockstep.yaml.
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface DataFolder {
  readonly root: string
  readonly database: string
  readonly objects: string
  /** Releases as an OCI image layout; made again from `objects` whenever it is asked for. */
  readonly packages: string
  /** Which digest each input file had when it was last read; only a cache. */
  readonly fileIndex: string
  readonly captures: string
  readonly spool: string
  readonly snapshot: string
  readonly work: string
  /** Language environments, one folder per digest. */
  readonly runtimes: string
  readonly logs: string
  readonly keys: string
  /** Who is running here: pid files and addresses. */
  readonly run: string
  /** Unix sockets; elsewhere than `run` when the project's path is too long for the kernel's 107 bytes. */
  readonly sockets: string
}

/** Room for the longest socket name, `/replica-<32 hex>.sock`. */
const longestSocketFolder = 107 - 46

export function dataFolder(projectDir: string): DataFolder {
  const root = join(projectDir, '.lockstep')
  const run = join(root, 'run')
  const short = join(
    tmpdir(),
    `lockstep-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`,
  )
  return {
    root,
    database: join(root, 'lockstep.db'),
    objects: join(root, 'objects'),
    packages: join(root, 'oci'),
    fileIndex: join(root, 'index', 'files'),
    captures: join(root, 'captures'),
    spool: join(root, 'spool'),
    snapshot: join(root, 'routing', 'snapshot.json'),
    work: join(root, 'work'),
    runtimes: join(root, 'runtimes'),
    logs: join(root, 'logs'),
    keys: join(root, 'keys'),
    run,
    sockets: Buffer.byteLength(run) <= longestSocketFolder ? run : short,
  }
}

export const socketNames = {
  control: 'control.sock',
  supervisor: 'supervisor.sock',
  gateway: (worker: number) => `gateway-${worker}.sock`,
  replica: (id: string) =>
    `replica-${createHash('sha256').update(id).digest('hex').slice(0, 16)}.sock`,
} as const
