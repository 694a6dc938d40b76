// Every sealed release is ready: each environment gets a promotion of the newest one it has not seen, asked for by its policy.
// Where delivery is automatic it then goes on by itself; where it is manual it waits for people.
import {
  createDeployment,
  type Deployment,
  deploymentId,
  deploymentKind,
} from '../../deliver/environments/deployment.ts'
import {
  createPromotion,
  type Promotion,
  promotionKind,
} from '../../deliver/promotions/promotion.ts'
import { newId } from '../../foundation/ids.ts'
import type { EnvironmentSpec } from '../../project/environment-spec.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import { commitNumbered } from '../../store/commit-numbered.ts'
import type { DeliveryWorld } from './delivery-world.ts'

/** Level-triggered: asking again changes nothing. */
export async function requestPromotions(world: DeliveryWorld): Promise<void> {
  const { environments, model } = world.spec()
  const releases: Release[] = await world.store.list(releaseKind, { model: model.name })
  const newest = releases
    .filter((release) => release.phase === 'sealed')
    .sort((a, b) => b.number - a.number)[0]
  for (const environment of environments) {
    const deployment = await deploymentOf(world, environment.name)
    if (newest) await requestFor(world, environment, deployment, newest)
  }
}

async function requestFor(
  world: DeliveryWorld,
  environment: EnvironmentSpec,
  deployment: Deployment,
  release: Release,
): Promise<void> {
  if (deployment.stable && deployment.stable.number >= release.number) return
  const lane: Promotion[] = await world.store.list(promotionKind, {
    model: release.model,
    environment: environment.name,
  })
  if (lane.some((promotion) => promotion.release.releaseId === release.id)) return
  if (!(await passedUpstream(world, environment, release))) return
  const { clock, store } = world
  const { model } = release
  await commitNumbered(store, { kindName: promotionKind.name, model }, (number) =>
    createPromotion({
      id: newId('promotion', clock.now()),
      number,
      model,
      environment,
      release: { releaseId: release.id, number: release.number },
      intent: 'forward',
      requester: `policy:${environment.name}`,
      reason: reasonOf(environment, release),
      notBefore: null,
      now: clock.now(),
    }),
  )
}

function reasonOf(
  { name, after, delivery }: EnvironmentSpec,
  { number, clearance }: Release,
): string {
  const how = after
    ? `release ${number} succeeded in ${after}; ${name} is next (delivery is ${delivery})`
    : `release ${number} is sealed; ${name} takes every release (delivery is ${delivery})`
  const open = clearance?.undecided ?? null
  return open === null ? how : `${how}; a person decides, because its gates left open: ${open}`
}

async function passedUpstream(
  world: DeliveryWorld,
  environment: EnvironmentSpec,
  release: Release,
): Promise<boolean> {
  if (environment.after === null) return true
  const upstream: Promotion[] = await world.store.list(promotionKind, {
    model: release.model,
    environment: environment.after,
  })
  return upstream.some(
    (promotion) => promotion.phase === 'succeeded' && promotion.release.releaseId === release.id,
  )
}

export async function deploymentOf(world: DeliveryWorld, environment: string): Promise<Deployment> {
  const model = world.spec().model.name
  const id = deploymentId(model, environment)
  const found = await world.store.find(deploymentKind, id)
  if (found) return found
  const made = world.store.commit({ changes: [createDeployment(model, environment)] })
  // A pulse and a question may both be the first to need it; then the other one's serves as well.
  await made.catch(async (error) => {
    if (!(await world.store.find(deploymentKind, id))) throw error
  })
  return world.store.get(deploymentKind, id)
}
