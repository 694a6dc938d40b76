// The outbox: notices were committed with the change they tell of; here they reach people, at least once.
import type { Clock } from '../foundation/clock.ts'
import type { Logger } from '../foundation/logger.ts'
import type { Database } from '../store/schema.ts'

export interface NoticeSender {
  send(notice: {
    readonly id: string
    readonly topic: string
    readonly sentence: string
  }): Promise<void>
}

/** Writes them to the control plane's log, where `lockstep logs` and the terminal of `lockstep up` show them. */
export function logSender(logger: Logger): NoticeSender {
  return {
    async send({ id, topic, sentence }) {
      logger.info('notice', { notice: id, topic, sentence })
    },
  }
}

const batch = 100

export async function deliverNotices(
  db: Database,
  sender: NoticeSender,
  clock: Clock,
): Promise<void> {
  const open = await db
    .selectFrom('notices')
    .selectAll()
    .where('delivered_at', 'is', null)
    .orderBy('written_at')
    .limit(batch)
    .execute()
  const failures: unknown[] = []
  for (const notice of open) {
    const isSent = await sender.send(notice).then(
      () => true,
      (error) => {
        failures.push(error)
        return false
      },
    )
    const attempts = notice.attempts + 1
    await db
      .updateTable('notices')
      .set(isSent ? { attempts, delivered_at: clock.now() } : { attempts })
      .where('id', '=', notice.id)
      .execute()
  }
  // The others have gone out; what could not be sent is told once and tried again with the next beat.
  if (failures.length > 0) throw failures[0]
}
