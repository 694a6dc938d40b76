// Where a control plane is asked: a socket for people of this machine, and a port for those who hold the token.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ApiWorld } from '../api/api-world.ts'
import { createControlApi } from '../api/control-api.ts'
import { metricsText } from '../api/metrics.ts'
import { createServer } from '../api/server.ts'
import { LockstepError } from '../foundation/errors.ts'
import { freshSeed } from '../foundation/random.ts'
import { type DataFolder, socketNames } from '../project/data-folder.ts'
import type { Actor } from '../store/object.ts'
import type { ControlConfig } from './control-parts.ts'

/** The socket is for people of this machine who may open it; the port wants the token from the run folder. */
export async function openDoors(
  { port }: ControlConfig,
  folder: DataFolder,
  world: ApiWorld,
): Promise<() => Promise<void>> {
  const { logger } = world
  const socket = join(folder.sockets, socketNames.control)
  await rm(socket, { force: true })
  const apiFor = (actor: Actor) => createControlApi(world, actor)
  const metrics = async () => metricsText(await apiFor('system:metrics').status())
  const local = createServer({
    apiFor,
    authenticate: ({ actor }) => actorFrom(actor),
    metrics,
    logger,
  })
  await local.listen({ path: socket })
  if (port === null) return () => local.close()
  const token = freshSeed() + freshSeed()
  await writeFile(join(folder.run, 'token'), token, { mode: 0o600 })
  const remote = createServer({
    apiFor,
    metrics,
    logger,
    authenticate: ({ actor, token: given }) => {
      if (given === token) return actorFrom(actor)
      throw new LockstepError({
        code: 'api.unauthenticated',
        kind: 'unauthenticated',
        message: 'this address wants a token',
        hint: `send Authorization: Bearer with the content of ${join(folder.run, 'token')}`,
      })
    },
  })
  await remote.listen({ host: '127.0.0.1', port })
  return async () => {
    await local.close()
    await remote.close()
  }
}

function actorFrom(header: string | undefined): Actor {
  if (header !== undefined && /^(person|service):[\w.@-]{1,100}$/.test(header))
    return header as Actor
  throw new LockstepError({
    code: 'api.no_actor',
    kind: 'unauthenticated',
    message:
      header === undefined ? 'the request does not say who is asking' : `'${header}' names nobody`,
    hint: 'give --as NAME, or set LOCKSTEP_ACTOR; a name has letters, digits, and . _ @ -',
  })
}
