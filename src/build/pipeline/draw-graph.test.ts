import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { layOutGraph } from './draw-graph.ts'
import type { DrawnLink, DrawnNode } from './graph-layers.ts'

const options = { gap: 2, passingWidth: 3 }

/** Links go from earlier nodes to later ones, so there is no circle. */
const graphs = fc
  .array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 25 })
  .chain((widths) =>
    fc.record({
      nodes: fc.constant(widths.map((width, index): DrawnNode => ({ id: `n${index}`, width }))),
      pairs: fc.array(fc.tuple(fc.nat(widths.length - 1), fc.nat(widths.length - 1)), {
        maxLength: 50,
      }),
    }),
  )
  .map(({ nodes, pairs }) => ({
    nodes,
    links: pairs
      .filter(([a, b]) => a !== b)
      .map(([a, b]): DrawnLink => ({ from: `n${Math.min(a, b)}`, to: `n${Math.max(a, b)}` })),
  }))

describe('whatever the graph', () => {
  test('nothing overlaps, everything stands once, and places are whole and not negative', () => {
    fc.assert(
      fc.property(graphs, ({ nodes, links }) => {
        const { layers, width } = layOutGraph(nodes, links, options)
        for (const layer of layers) {
          let free = 0
          for (const slot of layer) {
            expect(Number.isInteger(slot.at)).toBe(true)
            expect(slot.at).toBeGreaterThanOrEqual(free)
            free = slot.at + slot.width + options.gap
            expect(slot.at + slot.width).toBeLessThanOrEqual(width)
          }
        }
        const placed = layers.flat().filter((slot) => !slot.passing)
        expect(placed.map((slot) => slot.id).sort()).toEqual(nodes.map(({ id }) => id).sort())
      }),
    )
  })

  test('wires go down one layer, and following them reaches exactly the readers', () => {
    fc.assert(
      fc.property(graphs, ({ nodes, links }) => {
        const { layers, wires } = layOutGraph(nodes, links, options)
        for (const { from, to } of wires) expect(to.layer).toBe(from.layer + 1)
        const reached = new Set<string>()
        for (const start of layers.flat().filter((slot) => !slot.passing)) {
          const open = [start]
          for (let slot = open.pop(); slot; slot = open.pop()) {
            for (const { from, to } of wires) {
              if (from !== slot) continue
              if (to.passing) open.push(to)
              else reached.add(`${start.id} ${to.id}`)
            }
          }
        }
        expect([...reached].sort()).toEqual(
          [...new Set(links.map(({ from, to }) => `${from} ${to}`))].sort(),
        )
      }),
    )
  })

  test('the same graph is always drawn the same', () => {
    fc.assert(
      fc.property(graphs, ({ nodes, links }) => {
        expect(layOutGraph(nodes, links, options)).toEqual(layOutGraph(nodes, links, options))
      }),
    )
  })
})

test('lines that only cross because of the declared order are untangled', () => {
  const nodes = ['a', 'b', 'c', 'y', 'x', 'z'].map((id) => ({ id, width: 5 }))
  const links = [
    { from: 'a', to: 'z' },
    { from: 'b', to: 'x' },
    { from: 'c', to: 'y' },
  ]
  const { layers } = layOutGraph(nodes, links, options)
  const position = (id: string) => layers.flat().find((slot) => slot.id === id)?.at ?? -1
  const order = (ids: string[]) => [...ids].sort((a, b) => position(a) - position(b)).join('')
  const readers: Record<string, string> = { a: 'z', b: 'x', c: 'y' }
  const above = order(['a', 'b', 'c'])
  expect(order(['x', 'y', 'z'])).toBe([...above].map((id) => readers[id]).join(''))
})

test('a thousand steps between two are laid out at once', () => {
  const ids = Array.from({ length: 1000 }, (_, index) => `s${index}`)
  const nodes = ['first', ...ids, 'last'].map((id) => ({ id, width: 10 }))
  const links = ids.flatMap((id) => [
    { from: 'first', to: id },
    { from: id, to: 'last' },
  ])
  expect(layOutGraph(nodes, links, options).layers.map((layer) => layer.length)).toEqual([
    1, 1000, 1,
  ])
})

test('nothing is drawn as nothing', () => {
  expect(layOutGraph([], [], options)).toEqual({ layers: [], wires: [], width: 0 })
})
