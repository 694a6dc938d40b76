// `registry.example.com/team/income:3`: where in which registry a release lies.
import { type Digest, isDigest } from '../../foundation/digest.ts'
import { LockstepError } from '../../foundation/errors.ts'

export interface RegistryReference {
  /** `https://registry.example.com`, without a slash at its end. */
  readonly origin: string
  /** As credentials are filed: `registry.example.com`. */
  readonly host: string
  readonly repository: string
  readonly tag: string
  /** When given, the tag is ignored. */
  readonly digest: Digest | null
  /** As people write it. */
  readonly text: string
}

const form =
  /^(?:(https?|oci):\/\/)?([A-Za-z0-9.-]+(?::\d{1,5})?|\[[0-9a-f:]+\](?::\d{1,5})?)\/([a-z0-9._/-]+)(?::([\w][\w.-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?$/
const repositoryForm =
  /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*$/

/** Without a tag it means `latest`, as everywhere. */
export function parseReference(text: string, insecure: 'never' | 'allowed'): RegistryReference {
  const [, scheme, host = '', repository = '', tag = 'latest', digest] = form.exec(text) ?? []
  const named = /[.:]/.test(host) || host === 'localhost'
  if (!named || !repositoryForm.test(repository)) throw notAReference(text)
  const isLocal = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/.test(host)
  if (scheme === 'http' && !isLocal && insecure === 'never') throw plain(text, host)
  const isPlain = scheme !== 'https' && (isLocal || insecure === 'allowed')
  const server = host === 'docker.io' ? 'registry-1.docker.io' : host
  return {
    origin: `${isPlain ? 'http' : 'https'}://${server}`,
    ...{ host, repository, tag, digest: digest !== undefined && isDigest(digest) ? digest : null },
    text: `${host}/${repository}${digest === undefined ? `:${tag}` : `@${digest}`}`,
  }
}

function notAReference(text: string): LockstepError {
  return new LockstepError({
    code: 'registry.bad_reference',
    kind: 'invalid',
    message: `'${text}' is no place in a registry; it must read REGISTRY/REPOSITORY[:TAG] in lower case`,
    hint: 'for example localhost:5000/income:1 or ghcr.io/team/income:2026-11',
  })
}

function plain(text: string, host: string): LockstepError {
  return new LockstepError({
    code: 'registry.insecure',
    kind: 'invalid',
    message: `'${text}' would talk to ${host} without encryption, which is only done on this machine`,
    hint: 'leave http:// away, or add --insecure if the network between is yours',
  })
}
