// The smallest object with a life: a lamp is off or on, and may break for good.
import { type Change, type Draft, defineKind, type StoredObject } from '../../src/store/object.ts'

export interface Lamp extends StoredObject {
  readonly phase: 'off' | 'on' | 'broken'
  readonly colour: string
}

export const lampKind = defineKind<Lamp>({
  name: 'lamp',
  initial: ['off'],
  transitions: { off: ['on', 'broken'], on: ['off', 'broken'], broken: [] },
})

export function lamp(id: string, changes: Partial<Draft<Lamp>> = {}): Draft<Lamp> {
  return {
    id,
    phase: 'off',
    model: 'income',
    environment: null,
    parentId: null,
    number: null,
    wakeAt: null,
    colour: 'white',
    ...changes,
  }
}

export function saved(object: Draft<Lamp>, expect: number | null, type = 'lamp.changed'): Change {
  const event = { type, actor: 'person:olga', because: `it is ${object.phase} now` } as const
  return { kind: lampKind, object, expect, event } as unknown as Change
}
