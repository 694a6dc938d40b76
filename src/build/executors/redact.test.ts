// Secrets in what a step prints: never shown, however they are cut in pieces or dressed up; everything else stays as it is.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { redactor, redactText } from './redact.ts'

const secret = 'p@ss wörd/"x"+1'

test.each([
  ['as it is', secret],
  ['in base64', Buffer.from(secret).toString('base64').replace(/=+$/, '')],
  ['in a URL', encodeURIComponent(secret)],
  ['in a form', encodeURIComponent(secret).replaceAll('%20', '+')],
  ['in JSON', JSON.stringify(secret).slice(1, -1)],
  ['in JSON of ASCII', JSON.stringify(secret).slice(1, -1).replace('ö', '\\u00f6')],
  ['in hex', Buffer.from(secret).toString('hex')],
])('a secret %s is blacked out', (_, form) => {
  expect(redactText(`before ${form} after`, [secret])).toBe('before *** after')
})

test('within the base64 of something longer nothing of it can be read', () => {
  for (const user of ['a:', 'bo:', 'eve:']) {
    const shown = redactText(Buffer.from(user + secret).toString('base64'), [secret])
    expect(shown).toContain('***')
    expect(Buffer.from(shown.replaceAll('*', ''), 'base64').toString()).not.toContain('wörd')
  }
})

test('cut anywhere it is found, and what only looks like its beginning comes through', () => {
  const words = fc.constantFrom('abcab', 'abcabd', 'cabd', 'ab', 'c', 'x', '\n', 'ü')
  fc.assert(
    fc.property(fc.array(words), fc.array(fc.nat(9), { minLength: 1 }), (parts, sizes) => {
      const secrets = ['abcabd', 'cabde']
      const bytes = Buffer.from(parts.join(''))
      const stream = redactor(secrets)
      const shown: Buffer[] = []
      for (let at = 0, turn = 0; at < bytes.length; turn++) {
        const size = (sizes[turn % sizes.length] ?? 0) + 1
        shown.push(stream.push(bytes.subarray(at, at + size)))
        at += size
      }
      shown.push(stream.end())
      const text = Buffer.concat(shown).toString()
      for (const one of secrets) expect(text).not.toContain(one)
      expect(text).toBe(redactText(bytes.toString(), secrets))
      if (!secrets.some((one) => parts.join('').includes(one))) expect(text).toBe(parts.join(''))
    }),
    { numRuns: 1000 },
  )
})

test('ordinary lines are not kept back', () => {
  const stream = redactor([secret])
  expect(stream.push(Buffer.from('epoch 1\n')).toString()).toBe('epoch 1\n')
  expect(stream.push(Buffer.from('url: p@ss')).toString()).toBe('url: ')
  expect(stream.end().toString()).toBe('p@ss')
})

test('each line of a key file is a secret', () => {
  expect(redactText('> MIIEowIBAAKCAQEA <', ['-----BEGIN KEY-----\nMIIEowIBAAKCAQEA\n'])).toBe(
    '> *** <',
  )
})
