// Which call of the Open Inference Protocol a URL path is; matched by hand, because this runs for every request.

export type RequestPath =
  | { readonly call: 'server' | 'live' | 'ready' }
  | {
      readonly call: 'model' | 'model_ready' | 'infer'
      readonly model: string
      /** The release number, when the path names one. */
      readonly version: string | undefined
    }

const plainPaths: Record<string, RequestPath> = {
  '/v2': { call: 'server' },
  '/v2/': { call: 'server' },
  '/v2/health/live': { call: 'live' },
  '/v2/health/ready': { call: 'ready' },
}

const modelPrefix = '/v2/models/'

export function matchPath(url: string): RequestPath | undefined {
  const query = url.indexOf('?')
  const path = query === -1 ? url : url.slice(0, query)
  if (!path.startsWith(modelPrefix))
    return Object.hasOwn(plainPaths, path) ? plainPaths[path] : undefined
  const [model = '', ...rest] = path.slice(modelPrefix.length).split('/')
  const versioned = rest[0] === 'versions'
  const version = versioned ? rest[1] : undefined
  if (model === '' || (versioned && (version === undefined || version === ''))) return undefined
  const tail = versioned ? rest.slice(2) : rest
  if (tail.length > 1) return undefined
  const call = callOf(tail[0])
  const names = decode(model, version)
  return call === undefined || names === undefined ? undefined : { call, ...names }
}

function callOf(last: string | undefined): 'model' | 'model_ready' | 'infer' | undefined {
  if (last === 'infer') return 'infer'
  if (last === undefined) return 'model'
  return last === 'ready' ? 'model_ready' : undefined
}

function decode(
  model: string,
  version: string | undefined,
): { readonly model: string; readonly version: string | undefined } | undefined {
  if (!model.includes('%') && !version?.includes('%')) return { model, version }
  try {
    return {
      model: decodeURIComponent(model),
      version: version === undefined ? undefined : decodeURIComponent(version),
    }
  } catch {
    return undefined
  }
}
