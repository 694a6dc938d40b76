// A shelf in memory whose every operation can be interrupted, and a small world of runs and releases on it: what tests of keeping stand on.
import { decodeTree, encodeTree, type TreeEntry } from '../../build/artifacts/artifact.ts'
import type { StepKeyDocument } from '../../build/pipeline/step-key.ts'
import type { StepOutput } from '../../build/pipeline/step-run.ts'
import { canonicalJson } from '../../foundation/canonical-json.ts'
import type { Clock, Instant } from '../../foundation/clock.ts'
import { type Digest, digestOf } from '../../foundation/digest.ts'
import { isRefusal } from '../../foundation/refusal.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import { key, manifest } from '../../release/sample-release.ts'
import { sealRelease } from '../../release/seal-release.ts'
import type { Change } from '../../store/object.ts'
import { createObjectStore, type ObjectStore } from '../../store/object-store.ts'
import type { Database } from '../../store/schema.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { type ActiveRun, createRun, type EndedRun, type Run, runKind } from '../runs/run.ts'
import type { Shelf } from './shelf.ts'

interface Kept {
  readonly bytes: Buffer
  mtimeMs: Instant
}

export class MemoryShelf implements Shelf {
  readonly objects = new Map<Digest, Kept>()
  readonly aside = new Map<Digest, Kept>()
  /** Called before every operation: other work, or a crash. */
  before: () => Promise<void> = async () => {}
  readonly #clock: Clock

  constructor(clock: Clock) {
    this.#clock = clock
  }

  put(text: string | Buffer): Digest {
    const bytes = Buffer.from(text)
    const digest = digestOf(bytes)
    const kept = this.objects.get(digest)
    if (kept) kept.mtimeMs = this.#clock.now()
    else this.objects.set(digest, { bytes, mtimeMs: this.#clock.now() })
    return digest
  }

  async *list() {
    await this.before()
    for (const [digest, { bytes, mtimeMs }] of [...this.objects]) {
      yield { digest, size: bytes.length, mtimeMs }
    }
  }

  async json(digest: Digest): Promise<string | undefined> {
    await this.before()
    const text = this.objects.get(digest)?.bytes.toString('utf8')
    return text?.startsWith('{') || text?.startsWith('[') ? text : undefined
  }

  async tree(digest: Digest): Promise<readonly TreeEntry[] | undefined> {
    const entries = decodeTree((await this.json(digest)) ?? '[]')
    return isRefusal(entries) ? undefined : entries
  }

  async bytes(digest: Digest): Promise<Buffer | undefined> {
    return this.objects.get(digest)?.bytes
  }

  async size(digest: Digest): Promise<number | null> {
    return this.objects.get(digest)?.bytes.length ?? null
  }

  async has(digest: Digest): Promise<boolean> {
    return this.objects.has(digest)
  }

  async touch(digest: Digest): Promise<boolean> {
    const kept = this.objects.get(digest)
    if (kept) kept.mtimeMs = this.#clock.now()
    return kept !== undefined
  }

  async removeUntouched(
    digests: readonly Digest[],
    before: Instant,
    isRight: () => Promise<boolean>,
  ) {
    await this.before()
    if (!(await isRight())) return 'put back' as const
    for (const digest of digests) {
      const kept = this.objects.get(digest)
      if (kept) this.aside.set(digest, kept)
      this.objects.delete(digest)
    }
    await this.before()
    if (!(await isRight())) {
      await this.restore()
      return 'put back' as const
    }
    let [removed, bytes, spared] = [0, 0, 0]
    for (const [digest, kept] of this.aside) {
      if (kept.mtimeMs < before) {
        removed += 1
        bytes += kept.bytes.length
        this.aside.delete(digest)
        await this.before()
      } else spared += 1
    }
    await this.restore()
    return { removed, bytes, spared }
  }

  async restore(): Promise<void> {
    for (const [digest, kept] of this.aside) {
      if (!this.objects.has(digest)) this.objects.set(digest, kept)
    }
    this.aside.clear()
  }
}

export interface MadeRun {
  readonly key: Digest
  readonly outputs: readonly StepOutput[]
}

/** Runs and releases as the control plane records them, without executing anything. */
export class SampleWorld {
  readonly shelf: MemoryShelf
  readonly db: Database
  readonly store: ObjectStore
  readonly clock: Clock

  private constructor(db: Database, clock: Clock) {
    this.db = db
    this.clock = clock
    this.store = createObjectStore(db, clock)
    this.shelf = new MemoryShelf(clock)
  }

  static async open(clock: Clock): Promise<SampleWorld> {
    return new SampleWorld(await openSqlite(':memory:'), clock)
  }

  async beginRun(number: number): Promise<Run> {
    const id = `run_${number}`
    const first = createRun({
      ...{ id, model: 'income', number, startedBy: 'person:olga', trigger: 'person' },
      ...{ cause: 'because', force: false, now: this.clock.now(), parentId: null },
    })
    await this.store.commit({ changes: [first] })
    await this.#move(id, { phase: 'resolving' })
    await this.#move(id, { phase: 'running' })
    return this.store.get(runKind, id)
  }

  /** Takes the known result of these contents when there is one, as the pipeline does; else makes it. */
  async runStep(seed: string): Promise<MadeRun> {
    const document = {
      ...{ keyVersion: 1, step: 'train', command: { argv: ['train', seed] } },
      ...{ inputs: [], parameters: [], environment: {}, tool: null, seed: null },
      outputs: ['model', 'folder'],
    } as unknown as StepKeyDocument
    const key = digestOf(canonicalJson(document))
    const known = await this.db
      .selectFrom('actions')
      .selectAll()
      .where('key', '=', key)
      .executeTakeFirst()
    const old = known ? (JSON.parse(known.outputs) as StepOutput[]) : []
    if (known && old.every(({ digest }) => this.#holds(digest))) return { key, outputs: old }
    const outputs = this.#make(seed)
    const row = {
      ...{ key, step: 'train', document: canonicalJson(document) },
      ...{ outputs: canonicalJson(outputs), recorded_at: this.clock.now() },
      log_digest: this.shelf.put(`the log of ${seed}`),
    }
    if (!known) await this.db.insertInto('actions').values(row).execute()
    return { key, outputs: known ? old : outputs }
  }

  /** Ends the run; with `seals` a release comes of it. */
  async endRun(number: number, made: MadeRun, seals: boolean): Promise<void> {
    const id = `run_${number}`
    const evidence = this.shelf.put(canonicalJson({ evidence: number }))
    const gated = await this.#move(id, { phase: 'gating' })
    const sealed = seals ? this.#seal(number, made, evidence) : undefined
    const ended = {
      ...{ phase: seals ? 'succeeded' : 'failed', finishedAt: this.clock.now() },
      ...{ releaseId: sealed?.object.id ?? null, sameAs: null, evidenceDigest: evidence },
    } as Partial<EndedRun>
    const steps = [{ name: 'train', key: made.key, logDigest: null }] as unknown as Run['steps']
    const change: Change<Run> = {
      ...{ kind: runKind, expect: gated.revision, event: event('run.ended') },
      object: { ...gated, ...ended, steps } as Run,
    }
    const changes = sealed ? [change, sealed as unknown as Change] : [change]
    await this.store.commit({ changes: changes as Change[] })
  }

  releases(): Promise<Release[]> {
    return this.store.list(releaseKind, { limit: Number.MAX_SAFE_INTEGER })
  }

  #make(seed: string): StepOutput[] {
    const model = Buffer.from(`the model of ${seed}`)
    const digest = this.shelf.put(model)
    const files = ['a', 'b'].map((name): TreeEntry => {
      const text = `${name} of ${seed}`
      return { path: name, mode: '0644', digest: this.shelf.put(text), size: text.length }
    })
    const tree = this.shelf.put(encodeTree(files))
    return [
      { kind: 'file', path: 'model', digest, size: model.length, mode: '0644' },
      { kind: 'tree', path: 'folder', digest: tree, size: 0, files: 2 },
    ]
  }

  #holds(digest: Digest): boolean {
    const kept = this.shelf.objects.get(digest)
    if (!kept) return false
    const entries = decodeTree(kept.bytes.toString('utf8'))
    return isRefusal(entries) || entries.every((entry) => this.shelf.objects.has(entry.digest))
  }

  #seal(number: number, { key: stepKey, outputs }: MadeRun, evidence: Digest): Change<Release> {
    const model = outputs[0]
    if (!model) throw new Error('no model')
    const document = (name: string) => this.shelf.put(canonicalJson({ document: name, number }))
    const sealed = sealRelease({
      manifest: {
        ...manifest,
        ...{
          runId: `run_${number}`,
          card: document('card'),
          referenceProfile: document('profile'),
        },
        artifact: { ...manifest.artifact, digest: model.digest, size: model.size },
        code: { ...manifest.code, tree: null },
        pipeline: {
          definition: document('pipeline'),
          steps: [
            {
              ...{ name: 'train', key: stepKey },
              outputs: outputs.map(({ path, kind, digest }) => ({ path, kind, digest })),
            },
          ],
        },
        gates: { definition: document('gates'), evidence, verdict: 'pass' },
      },
      ...{ number, signer: key, clearance: { undecided: null, waivedBy: [] } },
    })
    if (isRefusal(sealed)) throw new Error(sealed.because)
    for (const { bytes } of sealed.documents) this.shelf.put(Buffer.from(bytes))
    return { kind: releaseKind, object: sealed.release, expect: null, event: sealed.event }
  }

  async #move(id: string, next: Partial<ActiveRun>): Promise<Run> {
    const run = await this.store.get(runKind, id)
    const change: Change<Run> = {
      ...{ kind: runKind, expect: run.revision, event: event(`run.${next.phase}`) },
      object: { ...run, ...next } as Run,
    }
    await this.store.commit({ changes: [change] })
    return this.store.get(runKind, id)
  }
}

function event(type: string) {
  return { type, actor: 'system:loop' as const, because: 'a test said so' }
}
