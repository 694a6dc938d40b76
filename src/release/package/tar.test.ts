// Tar archives: what is written is read back, and what an enemy writes is refused with its reason.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { isRefusal } from '../../foundation/refusal.ts'
import { encodeHeader } from './tar-header.ts'
import { scanTar, type TarBytes } from './tar-read.ts'
import { type TarSource, tarOf, tarSize } from './tar-write.ts'

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}

const entry = (name: string, text: string): TarSource => ({
  ...{ name, size: Buffer.byteLength(text), mode: '0644' },
  open: () => once(Buffer.from(text)),
})

async function packed(entries: readonly TarSource[]): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of tarOf(entries)) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const bytesIn = (buffer: Buffer): TarBytes => ({
  size: buffer.length,
  read: async (offset, length) => buffer.subarray(offset, offset + length),
})

async function scanned(buffer: Buffer): Promise<string> {
  const found = await scanTar(bytesIn(buffer))
  return isRefusal(found) ? found.because : found.map(({ name }) => name).join(' ')
}

/** A header with one field replaced and its checksum made to fit. */
function forged(change: (header: Buffer) => void, name = 'a', text = ''): Buffer {
  const header = encodeHeader({ name, size: Buffer.byteLength(text), mode: '0644' })
  change(header)
  header.write('        ', 148, 'latin1')
  const sum = header.reduce((total, byte) => total + byte, 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  const body = Buffer.alloc(Math.ceil(Buffer.byteLength(text) / 512) * 512)
  body.write(text)
  return Buffer.concat([header, body])
}

const end = Buffer.alloc(1024)

test('what was packed is found again, with long and foreign names, in the stated size', async () => {
  const names = ['a', 'code/train.py', `${'long/'.repeat(30)}name.py`, 'modèle/größe.bin']
  const entries = names.map((name, index) => entry(name, 'x'.repeat(index * 511)))
  const tar = await packed(entries)
  expect(tar.length).toBe(tarSize(entries))
  const found = await scanTar(bytesIn(tar))
  if (isRefusal(found)) throw new Error(found.because)
  expect(found.map(({ name, size }) => [name, size])).toEqual(
    names.map((name, index) => [name, index * 511]),
  )
  const last = found[3]
  expect(last && tar.toString('latin1', last.offset, last.offset + last.size)).toBe(
    'x'.repeat(1533),
  )
})

test('a size beyond the old field is written as a pax record', async () => {
  const header = encodeHeader({ name: 'model.onnx', size: 9_000_000_000, mode: '0644' })
  expect(header.toString('latin1')).toContain('19 size=9000000000\n')
  expect(await scanned(header)).toBe(
    'it is cut off: model.onnx should have 9000000000 bytes, the file ends after 0',
  )
})

describe('an enemy gets a reason:', () => {
  const cases: readonly (readonly [string, Buffer, string])[] = [
    ['a way out', forged(() => {}, '../../etc/passwd'), 'is not a plain relative path'],
    ['an absolute name', forged(() => {}, '/etc/passwd'), 'is not a plain relative path'],
    ['an empty name', forged((header) => header.fill(0, 0, 100)), 'is not a plain relative path'],
    ['a backslash', forged(() => {}, 'a\\b'), 'is not a plain relative path'],
    ['a symbolic link', forged((header) => header.write('2', 156)), 'is a symbolic link'],
    ['a hard link', forged((header) => header.write('1', 156)), 'is a hard link'],
    ['a device', forged((header) => header.write('4', 156)), 'is a device'],
    ['a global pax header', forged((header) => header.write('g', 156)), 'is a global pax header'],
    [
      'a long-name entry of GNU',
      forged((header) => header.write('L', 156)),
      'is an entry of type "L"',
    ],
    ['a huge size', forged((header) => header.write('77777777777\0', 124)), 'it is cut off'],
    [
      'a negative size',
      forged((header) => header.write('-0000000001\0', 124)),
      'a size or a mode that is no number',
    ],
    [
      'a binary size',
      forged((header) => header.writeUInt32BE(0x80ffffff, 124)),
      'a size or a mode that is no number',
    ],
    [
      'a folder with bytes',
      forged((header) => header.write('5', 156), 'a', 'bytes'),
      'has bytes of its own',
    ],
    [
      'a pax path that leaves',
      forged((header) => header.write('x', 156), 'p', '17 path=../../up\n'),
      'is not a plain relative path',
    ],
    [
      'a pax size that lies',
      forged((header) => header.write('x', 156), 'p', '18 size=999999999\n'),
      'it is cut off',
    ],
    [
      'a pax record that overruns',
      forged((header) => header.write('x', 156), 'p', '99 path=a\n'),
      'pax records are malformed',
    ],
    [
      'a pax link',
      forged((header) => header.write('x', 156), 'p', '17 linkpath=/etc\n'),
      'pax record "linkpath" is not allowed',
    ],
  ]
  test.each(cases)('%s', async (_, hostile, because) => {
    expect(await scanned(Buffer.concat([hostile, forged(() => {}), end]))).toContain(because)
  })

  test('the same name twice', async () => {
    expect(await scanned(await packed([entry('a', '1'), entry('a', '2')]))).toBe('it holds a twice')
    const dotted = Buffer.concat([forged(() => {}, 'a'), forged(() => {}, './a'), end])
    expect(await scanned(dotted)).toBe('it holds a twice')
  })

  test('something hidden behind a file, or behind the end', async () => {
    const tar = await packed([entry('a', 'short')])
    const between = Buffer.from(tar)
    between[520] = 1
    const behind = Buffer.concat([tar, Buffer.from([1])])
    for (const hidden of [between, behind])
      expect(await scanned(hidden)).toBe('it has bytes between or after its files')
  })
})

test('an archive cut off anywhere is never whole', async () => {
  const tar = await packed([entry('a', 'some bytes'), entry('b', 'x'.repeat(600))])
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 0, max: tar.length - 1 }), async (length) => {
      expect(isRefusal(await scanTar(bytesIn(tar.subarray(0, length))))).toBe(true)
    }),
  )
})

test('random bytes are refused and never break the reader', async () => {
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 3000 }), async (bytes) => {
      const found = await scanTar(bytesIn(Buffer.from(bytes)))
      expect(isRefusal(found) || found.length === 0).toBe(true)
    }),
  )
})
