// A process that commits one object after another and says each one's id once its commit has returned; made to be killed.
import { systemClock } from '../../src/foundation/system-clock.ts'
import { createObjectStore } from '../../src/store/object-store.ts'
import { openSqlite } from '../../src/store/sqlite.ts'
import { lamp, saved } from './lamp.ts'

const [path = '', life = ''] = process.argv.slice(2)
const store = createObjectStore(await openSqlite(path), systemClock)
for (let i = 0; ; i++) {
  const id = `${life}-${i}`
  await store.commit({ changes: [saved(lamp(id, { colour: 'x'.repeat(i % 5000) }), null)] })
  await new Promise<void>((resolve) => process.stdout.write(`${id}\n`, () => resolve()))
}
