// The packages a lock file pins, with their package URLs (purl). Pure; what pins nothing exactly is left out.
export interface LockedPackage {
  readonly name: string
  readonly version: string
  readonly purl: string
  readonly hashes: readonly { readonly alg: 'SHA-256' | 'SHA-512'; readonly content: string }[]
  /** Not needed by what runs: development only. */
  readonly excluded: boolean
}

/** requirements.txt as pip reads it: `name[extra]==1.2 ; marker --hash=sha256:…`, with lines continued by a backslash. */
export function packagesOfRequirements(text: string): LockedPackage[] {
  const lines = text.replaceAll(/\\\r?\n/g, ' ').split(/\r?\n/)
  return lines.flatMap((line) => {
    const pin = /^\s*([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*===?\s*([^\s;#,*]+)(?=[\s;#]|$)/.exec(
      line,
    )
    const [, name, version] = pin ?? []
    if (!name || !version) return []
    const found = [...line.matchAll(/--hash=sha256:([0-9a-f]{64})/g)].map((match) => match[1] ?? '')
    // Several hashes are those of several files, of which one was installed; nobody knows which.
    const [only, other] = found
    return [
      {
        ...{ name, version, excluded: false },
        purl: `pkg:pypi/${name.toLowerCase().replaceAll(/[-_.]+/g, '-')}@${encodeURIComponent(version)}`,
        hashes: only && !other ? [{ alg: 'SHA-256' as const, content: only }] : [],
      },
    ]
  })
}

/** package-lock.json, versions 2 and 3. A text that is no such document pins nothing. */
export function packagesOfPackageLock(text: string): LockedPackage[] {
  const packages = partOf(parsed(text), 'packages')
  const found = new Map<string, LockedPackage>()
  for (const [place, entry] of Object.entries(packages ?? {})) {
    const name = place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)
    const { version, integrity, dev, link } = (entry ?? {}) as Record<string, unknown>
    if (!place.includes('node_modules/') || typeof version !== 'string' || link === true) continue
    const purl = `pkg:npm/${encodeURIComponent(name).replace('%2F', '/')}@${encodeURIComponent(version)}`
    if (found.get(purl)?.excluded === false) continue
    const sha512 = /sha512-([A-Za-z0-9+/=]+)/.exec(String(integrity ?? ''))?.[1]
    const content = sha512 ? Buffer.from(sha512, 'base64').toString('hex') : ''
    found.set(purl, {
      ...{ name, version, purl, excluded: dev === true },
      hashes: content.length === 128 ? [{ alg: 'SHA-512', content }] : [],
    })
  }
  return [...found.values()]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function partOf(value: unknown, key: string): Record<string, unknown> | undefined {
  const part =
    typeof value === 'object' && value !== null
      ? (value as Record<string, unknown>)[key]
      : undefined
  return typeof part === 'object' && part !== null ? (part as Record<string, unknown>) : undefined
}
