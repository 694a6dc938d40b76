// A file is the old text or the new one; whatever stands in the way, nothing half-written is left lying about.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { writeFileAtomically } from './atomic-file.ts'
import { makeFolder } from './make-folder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-atomic-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('writes, overwrites and makes the folders above', async () => {
  const path = join(folder, 'a', 'b', 'file.json')
  await writeFileAtomically(path, 'one')
  await writeFileAtomically(path, Buffer.from('two'), 0o600)
  expect(await readFile(path, 'utf8')).toBe('two')
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  expect(await readdir(join(folder, 'a', 'b'))).toEqual(['file.json'])
})

test('when the new text cannot take its place, the old one stays and no draft is left', async () => {
  const target = join(folder, 'taken')
  await mkdir(join(target, 'inside'), { recursive: true })
  await expect(writeFileAtomically(target, 'text')).rejects.toMatchObject({ code: 'EISDIR' })
  expect(await readdir(folder)).toEqual(['taken'])
  expect(await readdir(target)).toEqual(['inside'])
})

test('a file where a folder should be is an error, not an endless wait', async () => {
  await writeFile(join(folder, 'file'), 'text')
  await expect(writeFileAtomically(join(folder, 'file', 'x'), 'text')).rejects.toMatchObject({
    code: 'ENOTDIR',
  })
  await expect(makeFolder(join(folder, 'file', 'x', 'y'))).rejects.toMatchObject({
    code: 'ENOTDIR',
  })
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('text')
})

test.runIf(process.platform === 'linux')(
  'a place that takes no folders answers at once (Node 24 tries for ever under /proc)',
  async () => {
    await expect(writeFileAtomically('/proc/none/such/file', 'text')).rejects.toMatchObject({
      code: 'ENOENT',
    })
  },
)

test.runIf(process.getuid?.() !== 0)('a folder without permission is said so', async () => {
  await chmod(folder, 0o500)
  await expect(writeFileAtomically(join(folder, 'x'), 'text')).rejects.toMatchObject({
    code: 'EACCES',
  })
})

test('many writers at once: the last complete text, and no drafts', async () => {
  const path = join(folder, 'shared')
  const texts = Array.from({ length: 20 }, (_, i) => String(i).repeat(10_000))
  await Promise.all(texts.map((text) => writeFileAtomically(path, text)))
  expect(texts).toContain(await readFile(path, 'utf8'))
  expect(await readdir(folder)).toEqual(['shared'])
})
