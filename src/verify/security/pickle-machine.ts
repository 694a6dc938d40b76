// A pickle followed instruction by instruction without doing anything it says: imports are named, never made, and calls are
// noted, never carried out. The stack and the memo are kept, because a name can reach STACK_GLOBAL from anywhere.
import { type ByteCursor, UnreadableContent } from './byte-source.ts'
import { type ArgumentValue, readArgument } from './pickle-arguments.ts'
import { opcodes } from './pickle-opcodes.ts'
import {
  emptyTuple,
  keepEntries,
  mark,
  none,
  other,
  type PickleValue,
  tupleOf,
} from './pickle-values.ts'

export interface PickleEvents {
  /** Before each instruction; throws when the work is too much. */
  step(at: number): void
  /** `name` is `module.name`; null when a part is made by a call, and so cannot be told. */
  imports(name: string | null, at: number): void
  calls(callee: PickleValue, at: number): void
  builds(onto: PickleValue, at: number): void
  extension(code: number, at: number): void
  /** Bytes and texts inside, which may themselves be a pickle. */
  payload(start: number, length: number): void
  /** After BUILD: a loader that reads arrays out of the stream does so now, and leaves what it made. */
  built?(value: PickleValue, machine: PickleMachine): PickleValue
}

/** A pickle cannot need more than this on its stack or in its memo, and a scan must not fall over one that tries. */
const deepestStack = 4_000_000
const largestMemo = 8_000_000

export class PickleMachine {
  readonly cursor: ByteCursor
  readonly #events: PickleEvents
  #stack: PickleValue[] = []
  #memo = new Map<number, PickleValue>()
  #before: PickleMachine | undefined
  /** Highest protocol announced; an unannounced pickle is 0 or 1. */
  protocol = 0

  constructor(cursor: ByteCursor, events: PickleEvents) {
    this.cursor = cursor
    this.#events = events
  }

  /** Another reading of the same state: what a loader would do that does not skip what this one skips. */
  fork(cursor: ByteCursor, events: PickleEvents): PickleMachine {
    const other = new PickleMachine(cursor, events)
    other.#stack = [...this.#stack]
    other.#before = this
    other.protocol = this.protocol
    return other
  }

  /** To STOP. Throws UnreadableContent where Python would stop with an error too. */
  run(): void {
    for (;;) {
      const at = this.cursor.at
      this.#events.step(at)
      const opcode = opcodes[this.cursor.u8()]
      if (opcode === undefined) throw new UnreadableContent('no pickle instruction', at)
      if (opcode.name === 'STOP') {
        if (this.#stack.length === 0) throw new UnreadableContent('it stops with nothing made', at)
        return
      }
      const argument = readArgument(this.cursor, opcode.argument, at)
      if (argument.payload !== undefined)
        this.#events.payload(this.cursor.at - argument.payload, argument.payload)
      this.#carryOut(opcode.name, argument, at)
      if (this.#stack.length > deepestStack || this.#memo.size > largestMemo)
        throw new UnreadableContent('it holds more values at once than a scan can follow', at)
    }
  }

  #carryOut(name: string, argument: ArgumentValue, at: number): void {
    const simple = simpleValues[name]
    if (simple !== undefined) this.#stack.push(simple)
    else if (argument.value !== undefined) this.#stack.push(argument.value)
    else (actions[name] ?? this.#unknown)(this.#parts(), argument, at)
  }

  #unknown(_: Parts, _argument: ArgumentValue, at: number): void {
    throw new UnreadableContent('no pickle instruction', at)
  }

  #parts(): Parts {
    return this.#own
  }

  readonly #own: Parts = {
    events: () => this.#events,
    protocol: (value) => {
      this.protocol = Math.max(this.protocol, value)
    },
    push: (value) => this.#stack.push(value),
    pop: (at) => {
      const value = this.#stack.pop()
      if (value === undefined) throw new UnreadableContent('it takes from an empty stack', at)
      return value
    },
    top: (at) => {
      const value = this.#stack.at(-1)
      if (value === undefined) throw new UnreadableContent('it takes from an empty stack', at)
      return value
    },
    popMark: (at) => {
      const from = this.#stack.lastIndexOf(mark)
      if (from < 0) throw new UnreadableContent('it goes back to a mark that was not set', at)
      const items = this.#stack.splice(from)
      items.shift()
      return items
    },
    put: (index) => {
      const value = this.#stack.at(-1)
      if (value !== undefined) this.#memo.set(index, value)
    },
    get: (index, at) => {
      const value = this.#recall(index)
      if (value === undefined) throw new UnreadableContent(`memo ${index} was never filled`, at)
      return value
    },
    memoSize: () => this.#memoSize(),
    built: (value) => this.#events.built?.(value, this) ?? value,
  }

  #recall(index: number): PickleValue | undefined {
    const own = this.#memo.get(index)
    return own === undefined && this.#before !== undefined ? this.#before.#recall(index) : own
  }

  #memoSize(): number {
    const before = this.#before
    return this.#memo.size + (before === undefined ? 0 : before.#memoSize())
  }
}

interface Parts {
  events(): PickleEvents
  protocol(value: number): void
  push(value: PickleValue): void
  pop(at: number): PickleValue
  top(at: number): PickleValue
  popMark(at: number): PickleValue[]
  put(index: number): void
  get(index: number, at: number): PickleValue
  memoSize(): number
  built(value: PickleValue): PickleValue
}

const simpleValues: Readonly<Record<string, PickleValue>> = {
  MARK: mark,
  NONE: none,
  NEWTRUE: { is: 'truth', value: true },
  NEWFALSE: { is: 'truth', value: false },
  EMPTY_TUPLE: emptyTuple,
  EMPTY_LIST: other,
  EMPTY_SET: other,
  NEXT_BUFFER: other,
}

type Action = (stack: Parts, argument: ArgumentValue, at: number) => void

const call: Action = (stack, _, at) => {
  const args = stack.pop(at)
  const callee = stack.pop(at)
  stack.events().calls(callee, at)
  stack.push({ is: 'made', by: callee, args })
}

const importNamed = (stack: Parts, name: string | null, at: number): PickleValue => {
  stack.events().imports(name, at)
  return { is: 'import', name }
}

const extension: Action = (stack, { number = 0 }, at) => {
  stack.events().extension(number, at)
  stack.push({ is: 'import', name: null })
}

const put: Action = (stack, { number = 0 }, at) => {
  stack.top(at)
  stack.put(number)
}
const get: Action = (stack, { number = 0 }, at) => stack.push(stack.get(number, at))
const collect: Action = (stack, _, at) => void stack.popMark(at)
const collectNew: Action = (stack, _, at) => {
  stack.popMark(at)
  stack.push(other)
}
const tupleFrom =
  (count: number): Action =>
  (stack, _, at) => {
    const items: PickleValue[] = []
    for (let index = 0; index < count; index++) items.unshift(stack.pop(at))
    stack.push(tupleOf(items))
  }

const actions: Readonly<Record<string, Action>> = {
  POP: (stack, _, at) => void stack.pop(at),
  POP_MARK: collect,
  DUP: (stack, _, at) => stack.push(stack.top(at)),
  PUT: put,
  BINPUT: put,
  LONG_BINPUT: put,
  MEMOIZE: (stack, _, at) => {
    stack.top(at)
    stack.put(stack.memoSize())
  },
  GET: get,
  BINGET: get,
  LONG_BINGET: get,
  APPEND: (stack, _, at) => void stack.pop(at),
  APPENDS: collect,
  ADDITEMS: collect,
  LIST: collectNew,
  FROZENSET: collectNew,
  TUPLE: (stack, _, at) => stack.push(tupleOf(stack.popMark(at))),
  TUPLE1: tupleFrom(1),
  TUPLE2: tupleFrom(2),
  TUPLE3: tupleFrom(3),
  EMPTY_DICT: (stack) => stack.push({ is: 'map', entries: new Map() }),
  DICT: (stack, _, at) => {
    const pairs = stack.popMark(at)
    const made: PickleValue = { is: 'map', entries: new Map() }
    keepEntries(made, pairs)
    stack.push(made)
  },
  SETITEM: (stack, _, at) => {
    const value = stack.pop(at)
    const key = stack.pop(at)
    keepEntries(stack.top(at), [key, value])
  },
  SETITEMS: (stack, _, at) => {
    const pairs = stack.popMark(at)
    keepEntries(stack.top(at), pairs)
  },
  GLOBAL: (stack, { name = null }, at) => stack.push(importNamed(stack, name, at)),
  STACK_GLOBAL: (stack, _, at) => {
    const name = stack.pop(at)
    const module = stack.pop(at)
    if (name.is === 'text' && module.is === 'text') {
      stack.push(importNamed(stack, `${module.text}.${name.text}`, at))
    } else if (name.is === 'made' || module.is === 'made') stack.push(importNamed(stack, null, at))
    // Python stops here too: only what a call returned can still be a text.
    else throw new UnreadableContent('the name of an import is no text', at)
  },
  INST: (stack, { name = null }, at) => {
    const args = tupleOf(stack.popMark(at))
    const by = importNamed(stack, name, at)
    stack.events().calls(by, at)
    stack.push({ is: 'made', by, args })
  },
  OBJ: (stack, _, at) => {
    const [by = other, ...args] = stack.popMark(at)
    stack.events().calls(by, at)
    stack.push({ is: 'made', by, args: tupleOf(args) })
  },
  REDUCE: call,
  NEWOBJ: call,
  NEWOBJ_EX: (stack, argument, at) => {
    stack.pop(at)
    call(stack, argument, at)
  },
  BUILD: (stack, _, at) => {
    const state = stack.pop(at)
    const onto = stack.pop(at)
    stack.events().builds(onto, at)
    if (onto.is === 'made') onto.state = state
    stack.push(stack.built(onto))
  },
  EXT1: extension,
  EXT2: extension,
  EXT4: extension,
  PERSID: (stack) => stack.push(other),
  BINPERSID: (stack, _, at) => {
    stack.pop(at)
    stack.push(other)
  },
  PROTO: (stack, { number = 0 }, at) => {
    if (number > 5) throw new UnreadableContent(`pickle protocol ${number} is not known`, at)
    stack.protocol(number)
  },
  FRAME: () => {},
  READONLY_BUFFER: () => {},
}
