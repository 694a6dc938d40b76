// `npm run quickstart`: installs what is missing, then plays the whole loop on real data.
import { fileURLToPath } from 'node:url'
import { ensureInstalled, nodePath, runAndExit } from './install.js'

await ensureInstalled()
const story = fileURLToPath(new URL('../src/main/quickstart.ts', import.meta.url))
await runAndExit(nodePath(), [story, ...process.argv.slice(2)])
