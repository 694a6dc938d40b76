import fc from 'fast-check'
import { expect, it } from 'vitest'
import { matchPath } from './request-path.ts'

it('knows the calls of the protocol, with and without a version', () => {
  expect(matchPath('/v2')).toEqual({ call: 'server' })
  expect(matchPath('/v2/health/ready?verbose=1')).toEqual({ call: 'ready' })
  expect(matchPath('/v2/models/m/infer')).toEqual({ call: 'infer', model: 'm', version: undefined })
  expect(matchPath('/v2/models/m/versions/7/infer')).toEqual({
    call: 'infer',
    model: 'm',
    version: '7',
  })
  expect(matchPath('/v2/models/a%20b/ready')).toEqual({
    call: 'model_ready',
    model: 'a b',
    version: undefined,
  })
  expect(matchPath('/v2/models/m/versions/7')).toEqual({ call: 'model', model: 'm', version: '7' })
})

it('matches nothing else, and never throws', () => {
  for (const url of [
    '/',
    '/v2/models',
    '/v2/models/',
    '/v2/models/m/versions',
    '/v2/models/m/versions//infer',
    '/v2/models/m/explain',
    '/v2/models/m/infer/x',
    '/v2/models/%zz/infer',
    'constructor',
    '/v2/health',
  ]) {
    expect([url, matchPath(url)]).toEqual([url, undefined])
  }
  fc.assert(fc.property(fc.webPath(), (path) => void matchPath(`/v2/models${path}`)))
})
