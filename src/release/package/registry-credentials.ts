// Who we are for a registry: given by the caller, else what `docker login` left behind: plain entries or a credential helper program.
import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { LockstepError, sentenceOf, systemCodeOf } from '../../foundation/errors.ts'
import { parseObject } from './oci.ts'

export type Credentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  /** An identity token, exchanged for access tokens (OAuth2 refresh). */
  | { readonly kind: 'identity'; readonly token: string }

/** What the machine and the caller offer; read in main. */
export interface RegistryAccess {
  /** From LOCKSTEP_REGISTRY_USER and LOCKSTEP_REGISTRY_PASSWORD. */
  readonly user: string | null
  readonly password: string | null
  /** Folder of docker's config.json. */
  readonly dockerFolder: string
  /** Where credential helper programs are looked for. */
  readonly path: string
}

/** Undefined means: ask as nobody. */
export async function credentialsFor(
  host: string,
  access: RegistryAccess,
): Promise<Credentials | undefined> {
  if (access.user && access.password)
    return { kind: 'password', user: access.user, password: access.password }
  const file = join(access.dockerFolder, 'config.json')
  const text = await readFile(file).catch((error) => {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return undefined
    throw badConfig(file, sentenceOf(error))
  })
  if (!text) return undefined
  const config = parseObject(text)
  if (!config) throw badConfig(file, 'it is not a JSON object')
  const names =
    host === 'docker.io' ? ['https://index.docker.io/v1/', host] : [host, `https://${host}`]
  const programs = part(config.credHelpers)
  for (const name of names) {
    const program = programs[name] ?? config.credsStore
    const found =
      typeof program === 'string' ? await askProgram(program, name, access.path) : undefined
    const entry = found ?? entryOf(part(part(config.auths)[name]), file, name)
    if (entry) return entry
  }
  return undefined
}

function entryOf(
  entry: Record<string, unknown>,
  file: string,
  name: string,
): Credentials | undefined {
  if (typeof entry.identitytoken === 'string' && entry.identitytoken !== '')
    return { kind: 'identity', token: entry.identitytoken }
  if (typeof entry.auth !== 'string' || entry.auth === '') return undefined
  const plain = Buffer.from(entry.auth, 'base64').toString('utf8')
  const colon = plain.indexOf(':')
  if (colon < 1) throw badConfig(file, `its entry for ${name} is not user:password in base64`)
  return { kind: 'password', user: plain.slice(0, colon), password: plain.slice(colon + 1) }
}

/** The protocol of docker's helpers: the server's name on standard input, a JSON document on standard output. */
async function askProgram(
  short: string,
  name: string,
  path: string,
): Promise<Credentials | undefined> {
  if (!/^[\w.-]+$/.test(short)) throw programFailed(short, 'its name is not a program name')
  const program = `docker-credential-${short}`
  const env = { PATH: path.split(delimiter).filter(Boolean).join(delimiter) }
  const { code, output } = await new Promise<{ code: number | null; output: string }>(
    (resolve, reject) => {
      const child = spawn(program, ['get'], { stdio: ['pipe', 'pipe', 'ignore'], env })
      let output = ''
      child.stdout.setEncoding('utf8').on('data', (text) => {
        output += text
        if (output.length > 65_536) child.kill()
      })
      child.on('error', (error) => reject(programFailed(program, sentenceOf(error))))
      child.on('close', (code) => resolve({ code, output }))
      child.stdin.on('error', () => {})
      child.stdin.end(`${name}\n`)
    },
  )
  if (code !== 0) {
    if (/credentials not found/i.test(output)) return undefined
    throw programFailed(program, `it ended with code ${code}: ${output.trim().slice(0, 200)}`)
  }
  const answer = parseObject(Buffer.from(output))
  if (typeof answer?.Username !== 'string' || typeof answer.Secret !== 'string')
    throw programFailed(program, 'its answer has no Username and Secret')
  return answer.Username === '<token>'
    ? { kind: 'identity', token: answer.Secret }
    : { kind: 'password', user: answer.Username, password: answer.Secret }
}

function part(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function badConfig(file: string, seen: string): LockstepError {
  return new LockstepError({
    code: 'registry.bad_docker_config',
    kind: 'invalid',
    message: `${file} cannot be used for credentials: ${seen}`,
    hint: 'repair it, or set LOCKSTEP_REGISTRY_USER and LOCKSTEP_REGISTRY_PASSWORD',
  })
}

function programFailed(program: string, seen: string): LockstepError {
  return new LockstepError({
    code: 'registry.helper_failed',
    kind: 'unavailable',
    message: `the credential helper ${program} named in docker's config gave no credentials: ${seen}`,
    hint: 'run docker login again, or set LOCKSTEP_REGISTRY_USER and LOCKSTEP_REGISTRY_PASSWORD',
  })
}
