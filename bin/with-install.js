// `node bin/with-install.js vitest run …`: installs what is missing, then runs a tool of this checkout on its own Node.js.
import { commandFor, ensureInstalled, runAndExit } from './install.js'

const [name, ...args] = process.argv.slice(2)
if (name === undefined) {
  process.stderr.write('usage: node bin/with-install.js COMMAND [ARGUMENTS]\n')
  process.exit(2)
}
await ensureInstalled()
const { command, before } = commandFor(name)
await runAndExit(command, [...before, ...args])
