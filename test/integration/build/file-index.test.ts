// What the project's files are, from the disk and from the index: right in every case, and read again only when they must be.
import { mkdir, mkdtemp, readFile, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type TreeEntry, treeOf } from '../../../src/build/artifacts/artifact.ts'
import { openFileIndex } from '../../../src/build/artifacts/file-index-fs.ts'
import { rememberFiles } from '../../../src/build/artifacts/remember-files.ts'
import { snapshotProject } from '../../../src/build/pipeline/project-snapshot-fs.ts'
import { digestOf } from '../../../src/foundation/digest.ts'
import { systemClock } from '../../../src/foundation/system-clock.ts'
import { plainStep } from '../../../src/project/step-spec.ts'

let dir: string
beforeEach(async () => {
  dir = await mkdtemp(`${tmpdir()}/lockstep-index-`)
  await mkdir(`${dir}/data/deep/er`, { recursive: true })
  await writeFile(`${dir}/train.py`, 'train')
  await writeFile(`${dir}/data/a.csv`, 'a')
  await writeFile(`${dir}/data/deep/er/b.csv`, 'b', { mode: 0o755 })
  await writeFile(`${dir}/data/deep/notes.txt`, 'n')
})
afterEach(() => rm(dir, { recursive: true, force: true }))

const soon = () => systemClock.now() + 10_000
const indexPath = () => `${dir}/.lockstep/index/files`

function look(inputs: readonly string[], outputs: readonly string[] = [], now = soon()) {
  const step = { ...plainStep, name: 's', declaredAs: 's', command: { shell: 'true' }, inputs }
  return snapshotProject({
    ...{ projectDir: dir, steps: [step], now, index: openFileIndex(indexPath()) },
    outputs: new Map(outputs.map((path) => [path, 's'])),
  })
}

const b = { path: 'deep/er/b.csv', mode: '0755', digest: digestOf('b'), size: 1 } as const
const a = { path: 'a.csv', mode: '0644', digest: digestOf('a'), size: 1 } as const
const notes = { path: 'deep/notes.txt', mode: '0644', digest: digestOf('n'), size: 1 } as const

describe('a snapshot of the project', () => {
  it('names every input by the digest of its manifest, read once and known from then on', async () => {
    const inputs = ['data', 'data/**/*.csv', 'train.py', 'nothing']
    const first = await look(inputs)
    const second = await look(inputs)
    for (const seen of [first, second]) {
      expect(seen.inputs.get('data')?.digest).toBe(treeOf([a, b, notes]).digest)
      expect(seen.inputs.get('data/**/*.csv')?.digest).toBe(
        treeOf([a, b].map((one) => ({ ...one, path: `data/${one.path}` }))).digest,
      )
      expect(seen.inputs.get('train.py')?.digest).toBe(digestOf('train'))
      expect(seen.inputs.get('nothing')?.isEmpty).toBe(true)
      expect(seen.stampOf('data/deep/er/b.csv')).toMatchObject({ mode: '0755', digest: b.digest })
      expect(seen.stampOf('train.py')?.digest).toBe(digestOf('train'))
    }
    expect([first.hashed, second.hashed]).toEqual([4, 0])
  })

  it('sees every kind of change, and reads only what changed', async () => {
    await look(['data'])
    const changes: [() => Promise<unknown>, number, readonly TreeEntry[]][] = [
      [() => writeFile(`${dir}/data/a.csv`, 'A'), 1, [{ ...a, digest: digestOf('A') }, b, notes]],
      [() => writeFile(`${dir}/data/a.csv`, 'a'), 1, [a, b, notes]],
      [
        () => rename(`${dir}/data/a.csv`, `${dir}/data/c.csv`),
        1,
        [{ ...a, path: 'c.csv' }, b, notes],
      ],
      [() => rename(`${dir}/data/c.csv`, `${dir}/data/a.csv`), 1, [a, b, notes]],
      [() => rm(`${dir}/data/deep/er`, { recursive: true }), 0, [a, notes]],
      [() => utimes(`${dir}/data/a.csv`, 1, 1), 1, [a, notes]],
    ]
    for (const [change, hashed, entries] of changes) {
      await change()
      const seen = await look(['data'])
      expect([seen.hashed, seen.inputs.get('data')?.digest]).toEqual([
        hashed,
        treeOf(entries).digest,
      ])
    }
  })

  it('does not remember what was touched just now', async () => {
    const now = systemClock.now()
    expect((await look(['data'], [], now)).hashed).toBe(3)
    expect((await look(['data'], [], now)).hashed).toBe(3)
  })

  it('leaves out old copies of outputs, also when they come or go', async () => {
    const all = (await look(['data'])).inputs.get('data')?.digest
    const without = await look(['data'], ['data/deep'])
    expect(without.inputs.get('data')?.digest).toBe(treeOf([a]).digest)
    expect((await look(['data'])).inputs.get('data')?.digest).toBe(all)
  })

  it('takes an index that is damaged, cut or of another version for none', async () => {
    await look(['data'])
    const whole = await readFile(indexPath())
    const flipped = Buffer.from(whole)
    flipped[100] = (flipped[100] ?? 0) ^ 1
    for (const bytes of [
      flipped,
      whole.subarray(0, 99),
      Buffer.alloc(0),
      Buffer.from('LSINDEX9'),
    ]) {
      await writeFile(indexPath(), bytes)
      const seen = await look(['data'])
      expect([seen.hashed, seen.inputs.get('data')?.digest]).toEqual([
        3,
        treeOf([a, b, notes]).digest,
      ])
    }
  })

  it('is right for files of every size class', async () => {
    const sizes = [0, 1, 128 * 1024, 128 * 1024 + 1, 17 * 1024 * 1024]
    await mkdir(`${dir}/sizes`)
    for (const size of sizes) await writeFile(`${dir}/sizes/${size}`, Buffer.alloc(size, 'ab'))
    const seen = await look(['sizes'])
    for (const size of sizes) {
      expect(seen.stampOf(`sizes/${size}`)?.digest).toBe(digestOf(Buffer.alloc(size, 'ab')))
    }
  })

  it('never reads what Lockstep wrote itself', async () => {
    const files = [a, b, notes].map((one) => ({ ...one, path: `data/${one.path}` }))
    const code = { path: 'train.py', digest: digestOf('train') }
    const index = openFileIndex(indexPath())
    await rememberFiles({ root: dir, files: [...files, code], index, now: soon() })
    const seen = await look(['data', 'train.py', 'data/a.csv'])
    expect([seen.hashed, seen.inputs.get('data')?.digest]).toEqual([
      0,
      treeOf([a, b, notes]).digest,
    ])
    expect(seen.inputs.get('data/a.csv')?.digest).toBe(a.digest)
  })

  it('loses nothing that another process learned meanwhile', async () => {
    await mkdir(`${dir}/other`)
    await writeFile(`${dir}/other/x`, 'x')
    await look(['data'])
    await look(['other', 'train.py'])
    expect((await look(['data', 'other', 'train.py'])).hashed).toBe(0)
  })
})

describe('a link among the inputs', () => {
  it('counts as the file it points to, inside the project', async () => {
    await symlink('deep/er/b.csv', `${dir}/data/link.csv`)
    await symlink('../train.py', `${dir}/data/code.py`)
    const seen = await look(['data'])
    expect(seen.inputs.get('data')?.digest).toBe(
      treeOf([
        ...[a, b, notes],
        { ...b, path: 'link.csv' },
        { path: 'code.py', mode: '0644', digest: digestOf('train'), size: 5 },
      ]).digest,
    )
    await rm(`${dir}/data/link.csv`)
    await symlink('a.csv', `${dir}/data/link.csv`)
    expect((await look(['data'])).stampOf('data/link.csv')?.digest).toBe(a.digest)
  })

  it('is refused with its name and target when it leads anywhere else', async () => {
    for (const [target, word] of [
      ['/etc/passwd', 'outside the project'],
      ['../../..', 'outside the project'],
      ['gone.csv', 'does not exist'],
      ['deep', 'not a plain file'],
      ['link.csv', 'the link itself'],
      ['../.lockstep/index/files', 'Lockstep'],
    ] as const) {
      await mkdir(`${dir}/.lockstep/index`, { recursive: true })
      await writeFile(`${dir}/.lockstep/index/files`, '')
      await symlink(target, `${dir}/data/link.csv`)
      await expect(look(['data'])).rejects.toMatchObject({
        code: 'build.link_refused',
        message: expect.stringMatching(new RegExp(`data/link.csv .* ${target}, .*${word}`)),
      })
      await rm(`${dir}/data/link.csv`)
    }
  })
})
