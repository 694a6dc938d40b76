// Several loops ask for serving at the same time; the world only ever sees states in the order in which they were written.
import { expect, test } from 'vitest'
import {
  createDeployment,
  type Deployment,
  deploymentKind,
} from '../../deliver/environments/deployment.ts'
import type { DesiredServing } from '../../deliver/environments/desired-serving.ts'
import type { Platform } from '../../deliver/platforms/platform.ts'
import { production } from '../../deliver/sample-delivery.ts'
import { systemClock } from '../../foundation/system-clock.ts'
import { draftOf } from '../../store/object.ts'
import { createObjectStore } from '../../store/object-store.ts'
import { openSqlite } from '../../store/sqlite.ts'
import { type DeliveryWorld, ensureServing } from './delivery-world.ts'

test('an older desired state is never ensured after a newer one, and many askers make few ensures', async () => {
  const db = await openSqlite(':memory:')
  const store = createObjectStore(db, systemClock)
  await store.commit({ changes: [createDeployment('income', 'production') as never] })
  const epochs: number[] = []
  let atOnce = 0
  let most = 0
  const platform: Platform = {
    async ensure(desired: DesiredServing) {
      atOnce += 1
      most = Math.max(most, atOnce)
      epochs.push(desired.environments[0]?.models[0]?.epoch ?? Number.NaN)
      // The first takes longest: without a queue it would end last.
      await systemClock.sleep(epochs.length === 1 ? 20 : 1)
      atOnce -= 1
    },
    observe: async () => ({ replicas: [], epochs: new Map() }),
  }
  const world = { store, platform, spec: () => ({ environments: [production] }) }
  const same = { ...world } as unknown as DeliveryWorld
  const asked: Promise<void>[] = []
  for (let epoch = 2; epoch <= 20; epoch++) {
    const [deployment] = await store.list<Deployment>(deploymentKind)
    if (!deployment) throw new Error('no deployment')
    const object = { ...draftOf<Deployment>(deployment), epoch }
    await store.commit({
      changes: [{ kind: deploymentKind, object, expect: deployment.revision } as never],
    })
    asked.push(ensureServing(epoch % 2 === 0 ? (world as unknown as DeliveryWorld) : same))
  }
  await Promise.all(asked)
  expect(most).toBe(1)
  expect(epochs).toEqual([...epochs].sort((a, b) => a - b))
  expect(epochs.at(-1)).toBe(20)
  expect(epochs.length).toBeLessThan(5)
  await db.destroy()
})
