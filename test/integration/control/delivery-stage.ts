// Delivery with the real store, ledger and deciders, on a clock of our own: the platform is a model of one, and the traffic is drawn.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ApiWorld } from '../../../src/api/api-world.ts'
import type { LockstepApi } from '../../../src/api/contract/routes.ts'
import { createControlApi } from '../../../src/api/control-api.ts'
import { type ContentStore, openContentStore } from '../../../src/build/artifacts/content-store.ts'
import { memoryFileIndex } from '../../../src/build/artifacts/file-index.ts'
import { createActionCache } from '../../../src/build/pipeline/action-cache-store.ts'
import { createLoop, type Loop } from '../../../src/control/loop.ts'
import {
  deploymentReconciler,
  promotionReconciler,
  rolloutReconciler,
} from '../../../src/control/reconcilers/delivery-reconcilers.ts'
import { ensureServing } from '../../../src/control/reconcilers/delivery-world.ts'
import { releaseReconciler } from '../../../src/control/reconcilers/release-reconciler.ts'
import { requestPromotions } from '../../../src/control/reconcilers/request-promotions.ts'
import type { WatchWorld } from '../../../src/control/reconcilers/watch-world.ts'
import { createRunLog } from '../../../src/control/runs/run-log.ts'
import { introduceKeys, openTrust, type TrustSource } from '../../../src/control/trust-source.ts'
import {
  type Deployment,
  deploymentId,
  deploymentKind,
} from '../../../src/deliver/environments/deployment.ts'
import type {
  DesiredModel,
  DesiredServing,
} from '../../../src/deliver/environments/desired-serving.ts'
import { deploymentKey, type Platform } from '../../../src/deliver/platforms/platform.ts'
import { type Promotion, promotionKind } from '../../../src/deliver/promotions/promotion.ts'
import { type Rollout, rolloutKind } from '../../../src/deliver/rollouts/rollout.ts'
import { production } from '../../../src/deliver/sample-delivery.ts'
import { silentLogger } from '../../../src/foundation/logger.ts'
import { type RandomStream, randomStream } from '../../../src/foundation/random.ts'
import { isRefusal } from '../../../src/foundation/refusal.ts'
import type { EvidenceRow } from '../../../src/observe/ledger/evidence.ts'
import { createLedger } from '../../../src/observe/ledger/ledger-store.ts'
import type { EnvironmentSpec } from '../../../src/project/environment-spec.ts'
import { parseProject } from '../../../src/project/parse-project.ts'
import { smallProject } from '../../../src/project/sample-project.ts'
import { createAttestationStore } from '../../../src/release/attestations.ts'
import type { KeyRing } from '../../../src/release/key-ring.ts'
import { releaseKind } from '../../../src/release/release.ts'
import {
  cleared,
  documents,
  key,
  manifest,
  model,
  modelKey,
} from '../../../src/release/sample-release.ts'
import { sealRelease } from '../../../src/release/seal-release.ts'
import type { Actor, IntentAnswer } from '../../../src/store/object.ts'
import { createObjectStore, type ObjectStore } from '../../../src/store/object-store.ts'
import type { Database } from '../../../src/store/schema.ts'
import { openSqlite } from '../../../src/store/sqlite.ts'
import { TestClock } from '../../support/test-clock.ts'

export const staging: EnvironmentSpec = {
  ...production,
  name: 'staging',
  port: 8081,
  delivery: 'automatic',
  strategy: { kind: 'blue_green', bakeMs: 1000 },
}
export const guarded: EnvironmentSpec = {
  ...production,
  after: 'staging',
  approval: { count: 1, from: ['olga'], exclude: ['requester'], expiresMs: 86_400_000 },
}

const beatMs = 250

export class DeliveryStage {
  readonly dir: string
  readonly db: Database
  readonly clock: TestClock
  readonly store: ObjectStore
  readonly content: ContentStore
  readonly traffic: RandomStream = randomStream(1, 'traffic')
  /** Requests per beat and environment, and the share of a release's answers that are errors. */
  requests = 0
  readonly errorRates = new Map<number, number>()
  /** What the platform was last asked for. */
  desired: DesiredServing = { environments: [] }
  environments: readonly EnvironmentSpec[] = [staging, guarded]
  readonly #ring: KeyRing = {
    ...{ release: key, model: modelKey, givenFrom: 'the tests' },
    rotate: () => Promise.reject(new Error('delivery rotates no keys')),
  }
  readonly #trust: TrustSource
  #world: WatchWorld
  #loops: Loop[] = []
  #segments = 0

  private constructor(dir: string, db: Database, content: ContentStore) {
    this.dir = dir
    this.db = db
    this.content = content
    this.clock = new TestClock()
    this.store = createObjectStore(db, this.clock)
    this.#world = this.#newWorld()
    this.#trust = openTrust({
      ...{ store: this.store, attestations: createAttestationStore(db), projectDir: dir },
      spec: () => this.#world.spec(),
    })
    this.restart()
  }

  static async open(): Promise<DeliveryStage> {
    const dir = await mkdtemp(join(tmpdir(), 'lockstep-delivery-'))
    const db = await openSqlite(join(dir, 'lockstep.db'))
    const stage = new DeliveryStage(dir, db, await openContentStore(join(dir, 'objects')))
    await introduceKeys(stage.store, stage.#ring, 'income')
    return stage
  }

  async close(): Promise<void> {
    await this.db.destroy()
    await rm(this.dir, { recursive: true, force: true })
  }

  #newWorld(): WatchWorld {
    const { spec } = parseProject(smallProject)
    if (!spec) throw new Error('the small project is wrong')
    const { store, content, clock, db } = this
    return {
      ...{ store, content, clock, logger: silentLogger },
      platform: this.#platform(),
      ledger: createLedger(db, clock),
      spec: () => ({
        ...spec,
        model: { ...spec.model, name: 'income' },
        environments: this.environments,
      }),
      tables: () => Promise.reject(new Error('delivery reads no tables')),
      captures: join(this.dir, 'captures'),
      spool: join(this.dir, 'spool'),
      inputsDigest: async () => 'sha256:inputs',
    }
  }

  /** Starts, routes and stops at once whatever it is asked to. */
  #platform(): Platform {
    return {
      ensure: async (desired) => {
        this.desired = desired
      },
      observe: async () => {
        const models = this.desired.environments.flatMap(({ environment, models }) =>
          models.map((one) => ({ environment, ...one })),
        )
        return {
          epochs: new Map(
            models.map((one) => [deploymentKey(one.model, one.environment), one.epoch]),
          ),
          replicas: models.flatMap((one) =>
            [one.stable, one.candidate, ...one.warm].flatMap((release) =>
              Array.from({ length: release ? one.replicas : 0 }, (_, index) => ({
                id: `${one.environment}-${release?.number}-${index}`,
                ...{ environment: one.environment, model: one.model, pid: 1, restarts: 0 },
                ...{ releaseId: release?.releaseId ?? '', phase: 'ready' as const, because: null },
              })),
            ),
          ),
        }
      },
    }
  }

  /** A new control plane over the same database; the traffic does not notice. */
  restart(): void {
    this.#world = this.#newWorld()
    const deps = { store: this.store, clock: this.clock, logger: silentLogger }
    this.#loops = [
      releaseReconciler(this.#world, this.#trust),
      deploymentReconciler(this.#world),
      promotionReconciler(this.#world),
      rolloutReconciler(this.#world),
    ].map((reconciler) => createLoop(reconciler, deps))
  }

  async restartAll(): Promise<void> {
    this.restart()
    await this.store.wakeAll(this.clock.now())
  }

  async seal(number: number): Promise<string> {
    await this.content.putBytes(model)
    for (const document of documents) await this.content.putBytes(Buffer.from(document))
    const sealed = sealRelease({
      manifest: { ...manifest, parameters: { release: number }, runId: `run_${number}` },
      number,
      signer: key,
      clearance: cleared,
    })
    if (isRefusal(sealed)) throw new Error(sealed.because)
    for (const document of sealed.documents) await this.content.putBytes(document.bytes)
    await this.store.commit({
      changes: [
        { kind: releaseKind, object: sealed.release, expect: null, event: sealed.event } as never,
      ],
    })
    return sealed.release.id
  }

  /** One look of everything, then a quarter of a second of traffic. */
  async beat(): Promise<void> {
    await requestPromotions(this.#world)
    for (let pass = 0; pass < 20; pass++) {
      const looked = await Promise.all(this.#loops.map((loop) => loop.tick()))
      if (looked.every((count) => count === 0)) break
    }
    const stuck = this.#loops.flatMap((loop) => loop.stuck())
    if (stuck.length > 0) throw new Error(`stuck: ${stuck.map((one) => one.because).join('; ')}`)
    await ensureServing(this.#world)
    await this.#answerRequests()
    this.clock.advance(beatMs)
  }

  /** Beats until it is so; fails after ten minutes of the stage's time. */
  async until<T>(look: () => Promise<T>, isSo: (seen: T) => boolean): Promise<T> {
    for (let beats = 0; beats < 2400; beats++) {
      const seen = await look()
      if (isSo(seen)) return seen
      await this.beat()
    }
    throw new Error(`not within ten minutes; last seen: ${JSON.stringify(await look(), null, 1)}`)
  }

  async promotion(environment: string, number: number): Promise<Promotion | undefined> {
    const all = await this.store.list<Promotion>(promotionKind, { environment })
    return all.find((one) => one.release.number === number)
  }

  async promotionIn(
    environment: string,
    number: number,
    ...phases: Promotion['phase'][]
  ): Promise<Promotion> {
    const found = await this.until(
      () => this.promotion(environment, number),
      (one) => one !== undefined && phases.includes(one.phase),
    )
    if (!found) throw new Error('unreachable')
    return found
  }

  async rollout(promotion: Promotion): Promise<Rollout> {
    const all = await this.store.list<Rollout>(rolloutKind, { parentId: promotion.id })
    const [rollout] = all
    if (!rollout) throw new Error(`promotion ${promotion.id} has no rollout`)
    return rollout
  }

  deployment(environment: string): Promise<Deployment> {
    return this.store.get<Deployment>(deploymentKind, deploymentId('income', environment))
  }

  serving(environment: string): DesiredModel | undefined {
    return this.desired.environments.find((one) => one.environment === environment)?.models[0]
  }

  async command(request: {
    readonly kind: string
    readonly objectId: string
    readonly command: string
    readonly actor: Actor
    readonly reason?: string
    readonly payload?: Readonly<Record<string, unknown>>
  }): Promise<IntentAnswer> {
    const intent = await this.store.writeIntent(request)
    const answer = await this.until(
      () => this.store.answerOf(intent.id),
      (seen) => seen !== undefined,
    )
    if (!answer) throw new Error('unreachable')
    return answer
  }

  /** The API as this caller sees it. */
  api(actor: Actor): LockstepApi {
    const { db, clock, dir } = this
    const world: ApiWorld = {
      ...this.#world,
      ...{ db, actions: createActionCache(db), index: memoryFileIndex() },
      runLog: createRunLog(clock),
      runWorld: () => {
        throw new Error('delivery runs no steps')
      },
      resolveInputs: () => Promise.reject(new Error('delivery resolves no inputs')),
      registryAccess: { user: null, password: null, dockerFolder: '/nowhere', path: '' },
      packageTrust: async () => ({ trustedKeys: [] }),
      trust: this.#trust,
      ring: this.#ring,
      stuck: () => this.#loops.flatMap((loop) => loop.stuck()),
      about: {
        ...{ version: '0.1.0', pid: 1, url: null, since: clock.now() },
        ...{ host: '127.0.0.1', projectDir: dir },
      },
    }
    return createControlApi(world, actor)
  }

  /** Lets the world go on until the promise settles. */
  async during<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    const settled = () => {
      isSettled = true
    }
    promise.then(settled, settled)
    for (let beat = 0; beat < 400 && !isSettled; beat++) await this.beat()
    return promise
  }

  approve(promotion: Promotion, actor: Actor = 'person:olga'): Promise<IntentAnswer> {
    return this.command({
      ...{ kind: promotionKind.name, objectId: promotion.id, command: 'approve', actor },
      payload: { binding: promotion.binding?.digest },
    })
  }

  async #answerRequests(): Promise<void> {
    const rows: EvidenceRow[] = []
    for (const { environment, models } of this.desired.environments)
      for (const one of models) rows.push(...this.#draw(environment, one))
    this.#segments += 1
    if (rows.length > 0) await this.#world.ledger.ingest(`segment-${this.#segments}`, rows)
  }

  #draw(environment: string, served: DesiredModel): EvidenceRow[] {
    const arms = { stable: { requests: 0, errors: 0 }, candidate: { requests: 0, errors: 0 } }
    for (let i = 0; i < this.requests; i++) {
      const arm = this.traffic.below(10_000) < served.candidateBp ? 'candidate' : 'stable'
      const release = served[arm]
      if (!release) continue
      arms[arm].requests += 1
      if (this.traffic.next() < (this.errorRates.get(release.number) ?? 0)) arms[arm].errors += 1
    }
    const now = this.clock.now()
    return (['stable', 'candidate'] as const).flatMap((arm) => {
      const { requests, errors } = arms[arm]
      const release = served[arm]
      if (!release || requests === 0) return []
      return [
        {
          ...{ environment, model: served.model, rolloutId: served.rolloutId, arm },
          ...{ candidateBp: served.candidateBp, releaseId: release.releaseId },
          ...{ minute: now - (now % 60_000), requests, errors, clientErrors: 0, unavailable: 0 },
          ...{ rows: requests, sumMs: requests, maxMs: 1, latency: [[0, requests]] as const },
          ...{ firstErrorAt: errors > 0 ? now : null, lastErrorAt: errors > 0 ? now : null },
          ...{ firstAnswerAt: now, lastAnswerAt: now },
        },
      ]
    })
  }
}
