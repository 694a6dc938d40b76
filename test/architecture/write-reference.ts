// `npm run docs`: writes docs/reference anew. Look at the difference, then commit it.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { referenceDocs } from './reference-docs.ts'
import { root } from './source-tree.ts'

for (const [path, content] of await referenceDocs()) {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
  process.stdout.write(`${path}\n`)
}
