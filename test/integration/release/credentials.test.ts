// Credentials from docker's config.json: plain entries, identity tokens, and programs that are asked.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import {
  credentialsFor,
  type RegistryAccess,
} from '../../../src/release/package/registry-credentials.ts'

async function access(config: unknown, program?: string): Promise<RegistryAccess> {
  const dockerFolder = await mkdtemp(join(tmpdir(), 'lockstep-docker-'))
  onTestFinished(() => rm(dockerFolder, { recursive: true, force: true }))
  const text = typeof config === 'string' ? config : JSON.stringify(config)
  await writeFile(join(dockerFolder, 'config.json'), text)
  const path = join(dockerFolder, 'docker-credential-vault')
  if (program !== undefined) await writeFile(path, `#!/bin/sh\n${program}\n`)
  if (program !== undefined) await chmod(path, 0o755)
  return { user: null, password: null, dockerFolder, path: `${dockerFolder}:/usr/bin:/bin` }
}

const olga = { auth: Buffer.from('olga:pass:word').toString('base64') }
const vault = { credHelpers: { 'reg.example': 'vault' } }

test('nothing kept means nobody', async () => {
  const nowhere = { user: null, password: null, dockerFolder: '/nowhere', path: '' }
  expect(await credentialsFor('reg.example', nowhere)).toBeUndefined()
  expect(
    await credentialsFor('reg.example', await access({ auths: { other: olga } })),
  ).toBeUndefined()
})

test('an entry for this registry and no other', async () => {
  expect(
    await credentialsFor('reg.example', await access({ auths: { 'reg.example': olga } })),
  ).toEqual({
    ...{ kind: 'password', user: 'olga', password: 'pass:word' },
  })
})

test('given credentials come first', async () => {
  const given = {
    ...(await access({ auths: { 'reg.example': olga } })),
    user: 'ci',
    password: 'token',
  }
  expect(await credentialsFor('reg.example', given)).toMatchObject({ user: 'ci' })
})

test('an identity token', async () => {
  const config = { auths: { 'reg.example': { identitytoken: 'abc' } } }
  expect(await credentialsFor('reg.example', await access(config))).toEqual({
    kind: 'identity',
    token: 'abc',
  })
})

test('a program is told the registry on its standard input', async () => {
  const program = 'read name; echo "{\\"Username\\":\\"olga\\",\\"Secret\\":\\"for $name\\"}"'
  expect(await credentialsFor('reg.example', await access(vault, program))).toEqual({
    ...{ kind: 'password', user: 'olga', password: 'for reg.example' },
  })
})

test('a program that knows nobody leaves us nobody, one that fails says so', async () => {
  const unknown = 'echo "credentials not found in native keychain"; exit 1'
  expect(await credentialsFor('reg.example', await access(vault, unknown))).toBeUndefined()
  const locked = await access(vault, 'echo "the vault is locked"; exit 1')
  await expect(credentialsFor('reg.example', locked)).rejects.toThrow('the vault is locked')
  await expect(credentialsFor('reg.example', await access(vault))).rejects.toThrow(
    'docker-credential-vault',
  )
})

test.each(['not json', '{"auths": {"reg.example": {"auth": "%%%"}}}'])(
  'a broken config is named: %s',
  async (text) => {
    await expect(credentialsFor('reg.example', await access(text))).rejects.toThrow(
      'config.json cannot be used',
    )
  },
)
