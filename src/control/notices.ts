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
  for (const notice of open) {
    await sender.send(notice)
    await db
      .updateTable('notices')
      .set({ delivered_at: clock.now(), attempts: notice.attempts + 1 })
      .where('id', '=', notice.id)
      .execute()
  }
}
