import { describe, expect, it } from 'vitest'
import { isRefusal } from '../../foundation/refusal.ts'
import { type ModelRoute, parseRoutingSnapshot, type RouteTarget } from './routing.ts'

const target = (release: string): RouteTarget => ({
  releaseId: `rel_${release}`,
  release,
  replicas: [{ id: `r${release}`, socketPath: `/run/r${release}.sock` }],
})

function read(route: Partial<ModelRoute>, epoch: unknown = 1): string | undefined {
  const base = { model: 'm', salt: 's', rolloutId: null, candidateBp: 0, mirrorBp: 0 }
  const models = [{ ...base, stable: target('1'), candidate: null, ...route }]
  const snapshot = { epoch, environments: [{ environment: 'production', port: 8080, models }] }
  const parsed = parseRoutingSnapshot(JSON.parse(JSON.stringify(snapshot)))
  return isRefusal(parsed) ? parsed.because : undefined
}

describe('a routing snapshot', () => {
  it('is taken when it makes sense', () => {
    expect(read({})).toBeUndefined()
    expect(read({ candidate: target('2'), candidateBp: 500, mirrorBp: 10_000 })).toBeUndefined()
    expect(read({ stable: null, candidate: target('1'), candidateBp: 10_000 })).toBeUndefined()
  })

  it.each<[string, Partial<ModelRoute>, string]>([
    [
      'a share without a candidate',
      { candidateBp: 5 },
      'candidateBp is 5, but there is no candidate',
    ],
    ['a mirror without a candidate', { mirrorBp: 5 }, 'there is no candidate to mirror to'],
    ['more than everything', { candidate: target('2'), candidateBp: 10_001 }, 'candidateBp'],
    ['half a basis point', { candidate: target('2'), candidateBp: 0.5 }, 'candidateBp'],
    [
      'one release in both arms',
      { candidate: target('1') },
      'release 1 is both stable and candidate',
    ],
  ])('is refused for %s', (_what, route, sentence) => {
    expect(read(route)).toContain(sentence)
  })

  it('is refused without an epoch, and when it is no snapshot at all', () => {
    expect(read({}, 'soon')).toContain('epoch')
    for (const value of [null, 7, 'x', [], {}])
      expect(isRefusal(parseRoutingSnapshot(value))).toBe(true)
  })
})
