// What is kept and why: garbage collection, pins, lineage, exports of records, as one caller sees it.
import { exportRecord } from '../../control/interop/export-record.ts'
import { findObject } from '../../control/keeping/find-object.ts'
import { listPins, pinObject, unpinObject } from '../../control/keeping/pins.ts'
import type { KeepingWorld } from '../../control/keeping/roots.ts'
import { shelfOf } from '../../control/keeping/shelf-fs.ts'
import { trace } from '../../control/keeping/trace.ts'
import { whyKept } from '../../control/keeping/why-kept.ts'
import { LockstepError } from '../../foundation/errors.ts'
import { type Release, releaseKind } from '../../release/release.ts'
import type { Actor } from '../../store/object.ts'
import type { ApiWorld } from '../api-world.ts'
import type { KeepingApi } from '../contract/keeping-routes.ts'
import { modelOf } from '../queries.ts'
import { pinView, traceView, whyKeptView } from '../views/keeping-view.ts'
import { collect, policyOf } from './collect-garbage.ts'

export function createKeepingApi(world: ApiWorld, actor: Actor): KeepingApi {
  const { store, content, clock } = world
  const keeping: KeepingWorld = { store, db: world.db, shelf: shelfOf(content, clock) }
  const { projectDir } = world.about
  const releases = () => store.list<Release>(releaseKind, { limit: Number.MAX_SAFE_INTEGER })
  return {
    collectGarbage: (input, listener) => collect({ ...world, keeping, actor }, input, listener),
    async whyKept({ subject }) {
      const found = await findObject(keeping, subject, projectDir)
      const why = await whyKept(keeping, found.digest, { policy: policyOf({}), now: clock.now() })
      return whyKeptView(found.name, why)
    },
    async pins() {
      const all = await releases()
      return (await listPins(store)).map((pin) => pinView(pin, all))
    },
    async pin({ subject, because }) {
      const { digest } = await findObject(keeping, subject, projectDir)
      const word = { digest, because, actor, model: modelOf(world) }
      return pinView(await pinObject(keeping, word), await releases())
    },
    async unpin({ subject, because = 'no reason was given' }) {
      const { digest, name } = await findObject(keeping, subject, projectDir)
      const pin = await unpinObject(store, { digest, because, actor, model: modelOf(world) })
      if (!pin) throw notPinned(name)
      return pinView(pin, await releases())
    },
    async trace({ subject, direction }) {
      const model = modelOf(world)
      return traceView(await trace(keeping, { subject, direction, model, projectDir }))
    },
    exportRecord({ subject, format }) {
      const { project, model, datasets } = world.spec()
      return exportRecord(keeping, { subject, format, project, datasets, model: model.name })
    },
  }
}

function notPinned(name: string): LockstepError {
  return new LockstepError({
    code: 'pin.not_pinned',
    kind: 'not_found',
    message: `${name} is not pinned`,
    hint: 'lockstep pins',
  })
}
