// Language environments below `.lockstep/runtimes`, one folder per digest, made once whoever asks and however often we die.
// A folder counts when its record stands in it; the record is written last. Anything else is made anew.

import { execFile } from 'node:child_process'
import { access, mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { promisify } from 'node:util'
import { assert } from '../../foundation/assert.ts'
import { writeFileAtomically } from '../../foundation/atomic-file.ts'
import { type Clock, toIso } from '../../foundation/clock.ts'
import { type Digest, digestOf, digestOfJson, shortDigest } from '../../foundation/digest.ts'
import { LockstepError, systemCodeOf } from '../../foundation/errors.ts'
import { makeFolder } from '../../foundation/make-folder.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { fileUnreadable, storeUnwritable } from '../artifacts/file-errors.ts'
import type { ReadyRuntime, RuntimeFacts, RuntimesPort } from '../pipeline/step-runtime.ts'
import { type FindInterpreter, interpreterFinder } from './find-interpreter-fs.ts'
import { installNode, nodeProof, nodeReady } from './install-node.ts'
import { installPython, pythonProof, pythonReady } from './install-python.ts'
import { takeTurn } from './install-turn-fs.ts'
import { installerEnvironment } from './installation.ts'
import { readLock } from './lock-file.ts'
import { folderName, type RuntimeRecord, readRecord, recordPath } from './runtime-record-fs.ts'

export interface RuntimesOptions {
  /** `.lockstep/runtimes`, absolute. */
  readonly root: string
  /** Where interpreters are looked for. */
  readonly path: string
  /** The machine's variables; installers get them, steps never do. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly clock: Clock
}

interface World extends Omit<RuntimesOptions, 'environment'> {
  readonly environment: Readonly<Record<string, string>>
  readonly interpreter: FindInterpreter
}

type Preparation = Parameters<RuntimesPort['prepare']>[0]

const kinds = {
  python: { install: installPython, ready: pythonReady, proof: pythonProof },
  node: { install: installNode, ready: nodeReady, proof: nodeProof },
} as const

export function openRuntimes(options: RuntimesOptions): RuntimesPort {
  const environment = installerEnvironment(options.environment)
  const interpreter = interpreterFinder({ ...options, environment })
  const world = { ...options, environment, interpreter }
  return {
    describe: async ({ kind }, lock) => {
      const { version } = await interpreter(kind)
      return factsOf({ kind, interpreter: version, lock })
    },
    prepare: (request) => prepare(world, request),
  }
}

function factsOf(parts: Pick<RuntimeFacts, 'kind' | 'interpreter' | 'lock'>): RuntimeFacts {
  const facts = { ...parts, platform: `${process.platform}-${process.arch}` }
  return { ...facts, digest: digestOfJson(facts) }
}

async function prepare(world: World, request: Preparation): Promise<ReadyRuntime> {
  const { root, clock } = world
  const { facts, signal, told } = request
  const name = folderName(facts.digest)
  try {
    await makeFolder(root)
    let ready: ReadyRuntime | undefined
    const isDone = async () => {
      ready = await findReady(world, facts)
      return ready !== undefined
    }
    const waiting = (owner: string) =>
      told(
        `${facts.kind} environment ${shortDigest(facts.digest)}: waiting for ${owner} to install it`,
      )
    const turn = await takeTurn({ folder: root, name, clock, signal, waiting, isDone })
    try {
      if (turn && !(await isDone())) ready = await install(world, request, turn.token)
    } finally {
      await turn?.pass()
    }
    assert(ready !== undefined, `the environment ${facts.digest} is there or was made`)
    return ready
  } catch (error) {
    throw storeUnwritable(error, root)
  }
}

/** Also says that it was used: the environment nobody used for longest is the first to go. */
async function findReady(world: World, facts: RuntimeFacts): Promise<ReadyRuntime | undefined> {
  const folder = `${world.root}/${folderName(facts.digest)}`
  const record = await readRecord(folder)
  if (record?.folder !== folder) return undefined
  const { proof, ready } = kinds[facts.kind]
  try {
    await access(proof(folder))
  } catch {
    return undefined
  }
  const now = world.clock.now() / 1000
  await utimes(recordPath(folder), now, now).catch(() => {})
  return ready(folder)
}

async function install(world: World, request: Preparation, token: string): Promise<ReadyRuntime> {
  const { facts, lockPath, told, signal } = request
  const folder = `${world.root}/${folderName(facts.digest)}`
  const log = `${folder}.log`
  const { lockText, reading } = await lockAt(lockPath, facts)
  const interpreter = await sameInterpreter(world, facts)
  await rm(folder, { recursive: true, force: true, maxRetries: 2 })
  await rm(log, { force: true })
  await mkdir(folder)
  told(
    `${facts.kind} environment ${shortDigest(facts.digest)}: installing ${basename(lockPath)} for ${facts.kind} ${facts.interpreter} (once; later runs find it)`,
  )
  if (!reading.pinned)
    told(
      `${basename(lockPath)} leaves a choice (${reading.loose.slice(0, 5).join(', ')}): on another day it may install other versions`,
    )
  try {
    await writeFile(`${folder}/${basename(lockPath)}`, lockText)
    const choices = await kinds[facts.kind].install({
      ...{ folder, interpreter, token, log, told, signal, lockText },
      path: world.path,
      environment: { ...world.environment, PATH: world.path },
      lockName: basename(lockPath),
      lock: reading,
    })
    await toDisk(folder)
    const record: RuntimeRecord = {
      ...{ version: 1, folder, facts, madeAt: toIso(world.clock.now()) },
      ...{ locked: reading.pinned && choices.length === 0, hashed: reading.hashed },
    }
    await writeFileAtomically(recordPath(folder), `${JSON.stringify(record, null, 2)}\n`)
  } catch (error) {
    await rm(folder, { recursive: true, force: true, maxRetries: 2 }).catch(() => {})
    throw error
  }
  told(`${facts.kind} environment ${shortDigest(facts.digest)}: ready`)
  return kinds[facts.kind].ready(folder)
}

async function lockAt(lockPath: string, facts: RuntimeFacts) {
  const lockText = await readFile(lockPath, 'utf8').catch((error: unknown) => {
    throw fileUnreadable(error, lockPath)
  })
  const observed: Digest = digestOf(lockText)
  if (observed !== facts.lock) {
    throw new LockstepError({
      code: 'runtime.lock_changed',
      kind: 'conflict',
      message: `${basename(lockPath)} changed after the run began; nothing was installed from bytes of unknown digest`,
      hint: 'run again; the new content is then used',
    })
  }
  const reading = readLock(facts.kind, lockText)
  if (!isRefusal(reading)) return { lockText, reading }
  throw new LockstepError({
    code: reading.refused,
    kind: 'invalid',
    message: `${basename(lockPath)} cannot be installed: ${reading.because}`,
    hint:
      facts.kind === 'python'
        ? 'write one file with every package in it (pip freeze, pip-compile or uv pip compile); packages of your own go in as inputs of the step'
        : 'keep only packages from a registry in it',
  })
}

/** The key of the step names the interpreter: another one must not slip in. */
async function sameInterpreter(world: World, facts: RuntimeFacts) {
  const interpreter = await world.interpreter(facts.kind)
  if (interpreter.version === facts.interpreter) return interpreter
  throw new LockstepError({
    code: 'runtime.interpreter_changed',
    kind: 'conflict',
    message: `${facts.kind} ${facts.interpreter} is needed, but PATH now leads to ${interpreter.version}`,
    hint: `put ${facts.kind} ${facts.interpreter} first on PATH, or run again with this one`,
  })
}

/** Before the record says it is whole: after a power cut half of it might be missing. Where there is no such command, we go without. */
async function toDisk(folder: string): Promise<void> {
  await promisify(execFile)('sync', ['-f', folder]).catch((error: unknown) => {
    if (systemCodeOf(error) === 'ENOSPC') throw error
  })
}
