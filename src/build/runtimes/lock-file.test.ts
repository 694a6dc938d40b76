import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { manifestFromLock, readLock, unlisted } from './lock-file.ts'

const python = (...lines: string[]) => readLock('python', lines.join('\n'))
const node = (packages: unknown) =>
  readLock('node', JSON.stringify({ lockfileVersion: 3, packages }))

describe('a requirements file', () => {
  it('is pinned when every package has one exact version, whatever stands around it', () => {
    const lock = python(
      '# made by hand',
      '--index-url https://example.org/wheels',
      'six==1.17.0  # a comment',
      'uvicorn[standard] == 0.30.1 ; python_version >= "3.9"',
      'numpy===2.4.6',
    )
    expect(lock).toEqual({ pinned: true, hashed: false, loose: [] })
  })

  it('is hashed when every package names the digest of its bytes', () => {
    expect(
      python('six==1.17.0 \\', '    --hash=sha256:4721f3 \\', '    --hash=sha256:ff70335'),
    ).toEqual({
      ...{ pinned: true, hashed: true, loose: [] },
    })
    expect(python('six==1.17.0 --hash=sha256:47', 'ms==1.0')).toMatchObject({ hashed: false })
  })

  it.each(['six', 'six>=1', 'six==1.*', 'six==1.0,!=1.1', 'six @ https://example.org/six.whl'])(
    'leaves a choice with %s',
    (line) => expect(python(line)).toMatchObject({ pinned: false, loose: [line] }),
  )

  it.each([
    '-r more.txt',
    '-c limits.txt',
    '-e .',
    './six.whl',
    '../lib',
    'six @ file:///six.whl',
    '--find-links wheels',
  ])('is refused with %s, whose bytes its digest does not cover', (line) =>
    expect(python(line)).toMatchObject({ refused: 'runtime.lock_points_outside' }),
  )
})

it('what came along without being named is told, however the names are written', () => {
  const frozen = 'Ml_Dtypes==0.6.0\njoblib==1.6.0\npip==23.2.1\nsetuptools==65.5.0\n'
  expect(unlisted('ml-dtypes==0.6.0 --hash=sha256:1\n', frozen)).toEqual(['joblib==1.6.0'])
})

describe('a package-lock.json', () => {
  const ms = { version: '2.1.3', integrity: 'sha512-6Fl' }

  it('is pinned and hashed as npm writes it', () => {
    expect(node({ '': { name: 'x' }, 'node_modules/ms': ms })).toEqual({
      ...{ pinned: true, hashed: true, loose: [] },
    })
  })

  it('is refused when it links to folders of the project', () => {
    const linked = { 'node_modules/own': { resolved: 'packages/own', link: true } }
    expect(node(linked)).toMatchObject({ refused: 'runtime.lock_points_outside' })
    expect(node({ 'packages/own': { version: '1.0.0' } })).toMatchObject({
      refused: 'runtime.lock_points_outside',
    })
  })

  it.each(['', '[]', '{}', '{"packages": 3}', '{"packages": {"a": null}}', '{"dependencies": {}}'])(
    'is refused when it is %s',
    (text) => expect(readLock('node', text)).toMatchObject({ refused: 'runtime.lock_unreadable' }),
  )

  it('tells npm what was asked for, without the package.json', () => {
    const text = JSON.stringify({ packages: { '': { name: 'mine', dependencies: { ms: '^2' } } } })
    expect(JSON.parse(String(manifestFromLock(text)))).toEqual({
      ...{ name: 'mine', version: '0.0.0', dependencies: { ms: '^2' } },
    })
  })
})

it('reads any text without an exception', () => {
  fc.assert(
    fc.property(fc.constantFrom('python', 'node'), fc.string(), (kind, text) => {
      readLock(kind as 'python' | 'node', text)
    }),
  )
})
