// Whatever bytes a file holds, the scan answers: it never throws, never hangs, and bytes it cannot read are never clean.
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { memorySource } from './byte-source.ts'
import { scanLimits } from './scan.ts'
import { scanArtifact } from './scan-artifact.ts'

const golden: { samples: readonly { file: string; bytes: string; subjects: readonly string[] }[] } =
  JSON.parse(
    readFileSync(new URL('../../../test/golden/verify/security.json', import.meta.url), 'utf8'),
  )
const samples = golden.samples.filter(({ bytes }) => bytes.length < 30_000)
const names = [
  'm.onnx',
  'm.safetensors',
  'm.gguf',
  'm.json',
  'm.ubj',
  'm.pkl',
  'm.joblib',
  'm.pt',
  'm.npy',
  'm.npz',
  'm.keras',
  'm.h5',
  'm.zip',
  'm.tar',
  'm.bin',
  'saved_model.pb',
  'm.txt',
]
const limits = { ...scanLimits, steps: 300_000, inflatedBytes: 1 << 24, inflatedTotal: 1 << 25 }

function scan(file: string, bytes: Uint8Array) {
  const source = memorySource(bytes)
  return scanArtifact({
    files: [{ path: file, kind: 'file', open: () => ({ source, close: () => {} }) }],
    sizes: new Map([[file, source.size]]),
    limits,
  })
}

describe('the scan answers', () => {
  test('for any bytes under any name', () => {
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.uint8Array({ maxLength: 600 }), (file, bytes) => {
        const { files } = scan(file, bytes)
        expect(files.length).toBe(1)
      }),
      { numRuns: 3000 },
    )
  })

  test('for a magic with anything behind it', () => {
    const magics = [
      '\x80\x04',
      '\x80\x02',
      'PK\x03\x04',
      'GGUF\x03\0\0\0',
      '\x93NUMPY\x01\0',
      '\x89HDF\r\n\x1a\n',
      '{L',
      '\x08\x08:',
      '\x1f\x8b',
      'x\x9c',
      'c',
    ]
    fc.assert(
      fc.property(
        fc.constantFrom(...magics),
        fc.constantFrom(...names),
        fc.uint8Array({ maxLength: 300 }),
        (magic, file, rest) => {
          scan(file, Buffer.concat([Buffer.from(magic, 'latin1'), rest]))
        },
      ),
      { numRuns: 3000 },
    )
  })

  test('for a sample with some bytes changed, cut or repeated', () => {
    const change = fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      value: fc.nat(255),
      how: fc.constantFrom('set' as const, 'cut' as const, 'repeat' as const),
    })
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(change, { minLength: 1, maxLength: 6 }),
        ({ file, bytes }, changes) => {
          let mutated = Buffer.from(bytes, 'base64')
          for (const { at, value, how } of changes) {
            const place = Math.floor(at * mutated.length)
            if (how === 'set') mutated[place] = value
            else if (how === 'cut') mutated = mutated.subarray(0, place)
            else mutated = Buffer.concat([mutated, mutated.subarray(place, place + 64)])
          }
          scan(file, new Uint8Array(mutated))
        },
      ),
      { numRuns: 4000 },
    )
  })
})

test('two scans of the same bytes say the same', () => {
  for (const { file, bytes } of samples) {
    const content = new Uint8Array(Buffer.from(bytes, 'base64'))
    expect(scan(file, content)).toEqual(scan(file, content))
  }
})

test('a program put before any harmless pickle is found', () => {
  const harmless = samples.filter(({ file, subjects }) => file === 'a.pkl' && subjects.length === 0)
  expect(harmless.length).toBeGreaterThan(3)
  for (const { bytes } of harmless) {
    const program = Buffer.from("cos\nsystem\n(S'echo hi'\ntR0")
    const { findings } = scan('a.pkl', Buffer.concat([program, Buffer.from(bytes, 'base64')]))
    expect(findings.map(({ subject }) => subject)).toContain('os.system')
  }
})

test('an archive that claims more members than the limit is told as a bomb and ends', () => {
  const many = { ...limits, members: 2 }
  const files = ['a', 'b', 'c', 'd'].map((path) => ({
    path,
    kind: 'file' as const,
    open: () => ({ source: memorySource(Buffer.from('text')), close: () => {} }),
  }))
  const evidence = scanArtifact({ files, sizes: new Map(), limits: many })
  expect(evidence.findings.map(({ rule }) => rule)).toEqual(['archive.bomb'])
  expect(evidence.unread.length).toBe(1)
})
