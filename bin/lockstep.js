#!/usr/bin/env node
// The `lockstep` command. Plain JavaScript that old versions of Node.js parse too, so that they get a sentence and not a stack.
import { existsSync, readFileSync } from 'node:fs'
import module from 'node:module'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const args = process.argv.slice(2)

if (Number(process.versions.node.split('.')[0]) < 24) {
  const installed = existsSync(join(root, 'node_modules', '.bin', 'node'))
  process.stderr.write(
    `Lockstep needs Node.js 24 or newer; this is Node.js ${process.versions.node}. In a Lockstep checkout use \`npx lockstep …\`${installed ? '' : ' after `npm ci`'}: it runs on the Node.js 24 that is installed there.\n`,
  )
  process.exitCode = 1
} else if (args.length === 1 && (args[0] === '--version' || args[0] === '-v')) {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  process.stdout.write(`lockstep ${version}\n`)
} else {
  start()
}

function start() {
  // Whoever reads the output (head, less) may have seen enough; only a server goes on without them.
  process.stdout.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error
    if (!args.includes('up')) process.exit(0)
  })
  const inCheckout = existsSync(join(root, 'src', 'main', 'lockstep.ts'))
  // A folder of this user's own: compiled code in a shared temporary folder could be anyone's.
  const cache = inCheckout
    ? join(root, 'node_modules', '.cache', 'lockstep')
    : join(homedir(), '.cache', 'lockstep', 'compiled')
  module.enableCompileCache(cache)
  // The processes it starts find the same compiled code.
  process.env.NODE_COMPILE_CACHE = process.env.NODE_COMPILE_CACHE || cache
  const main = inCheckout ? '../src/main/lockstep.ts' : '../dist/main/lockstep.js'
  import(new URL(main, import.meta.url).href).catch((error) => {
    process.stderr.write(`error: Lockstep cannot start: ${error.stack}\n`)
    process.exitCode = 1
  })
}
