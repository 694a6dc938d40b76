import { describe, expect, it } from 'vitest'
import type { Deployment } from '../../deliver/environments/deployment.ts'
import type { Rollout } from '../../deliver/rollouts/rollout.ts'
import { branches, descendants, type Lineage, type LineageNode } from './lineage.ts'
import { servingHistory } from './serving-history.ts'

const node = (id: string): [string, LineageNode] => [id, { id, kind: 'run', title: id, facts: [] }]
const edge = (from: string, to: string) => ({ from, to, up: `from ${from}`, down: `into ${to}` })
const lineage: Lineage = {
  nodes: new Map(['data', 'run:1', 'run:2', 'release:1', 'production'].map(node)),
  edges: [
    edge('data', 'run:1'),
    edge('data', 'run:2'),
    edge('run:1', 'release:1'),
    edge('run:2', 'release:1'),
    edge('release:1', 'production'),
  ],
}

describe('lineage', () => {
  it('is seen from any node, both ways, each node in full once', () => {
    expect(branches(lineage, 'production', 'up')).toMatchObject([
      {
        by: 'from release:1',
        next: [
          { node: { id: 'run:1' }, next: [{ node: { id: 'data' }, again: false }] },
          { node: { id: 'run:2' }, next: [{ node: { id: 'data' }, again: true, next: [] }] },
        ],
      },
    ])
    expect(branches(lineage, 'data', 'down').map((one) => one.by)).toEqual([
      'into run:1',
      'into run:2',
    ])
  })

  it('says everything that was made of something', () => {
    expect([...descendants(lineage, 'run:1')]).toEqual(['run:1', 'release:1', 'production'])
  })
})

const rollout = (number: number, phase: Rollout['phase'], movedAt: number, endedAt: number) =>
  ({
    ...{ phase, environment: 'production', endedAt },
    release: { releaseId: `rel_${number}`, number },
    marks: { movedAt, zeroTrafficAt: phase === 'completed' ? null : endedAt - 1 },
  }) as Rollout

describe('what served when', () => {
  it('ends for a release when another has completed, and at once for one that was taken back', () => {
    const stable = { releaseId: 'rel_3', number: 3 }
    const history = servingHistory(
      [
        rollout(1, 'completed', 10, 20),
        rollout(2, 'rolled_back', 30, 40),
        rollout(3, 'completed', 50, 60),
        { ...rollout(4, 'errored', 0, 70), marks: { movedAt: null } } as Rollout,
      ],
      [{ environment: 'production', stable } as Deployment],
    )
    expect(
      history.map(({ number, from, until, outcome }) => [number, from, until, outcome]),
    ).toEqual([
      [1, 10, 60, 'served'],
      [2, 30, 39, 'taken back'],
      [3, 50, null, 'serves'],
    ])
  })
})
