// Everything a pickle would import and call, found without running it: several pickles one after the other, pickles inside
// the bytes of pickles, and arrays of joblib between the instructions.
import { ByteCursor, type ByteSource, UnreadableContent, windowOf } from './byte-source.ts'
import { inlineArrayOf } from './joblib-array.ts'
import { dangerOf, isAllowedImport, modernName } from './pickle-imports.ts'
import { type PickleEvents, PickleMachine } from './pickle-machine.ts'
import { opcodes } from './pickle-opcodes.ts'
import type { PickleValue } from './pickle-values.ts'
import { found, placeAt, type Scan, shown, step } from './scan.ts'
import type { Place } from './security-finding.ts'

export interface PickleStream {
  readonly source: ByteSource
  readonly place: Place
  /** What may stand after the last pickle without a word: raw tensors of a legacy torch file, say. */
  readonly tail: 'nothing' | 'anything'
  /** How deep in other contents this one lies. */
  readonly depth: number
  /** True while nothing announced a pickle here: findings count, and a stream that breaks is no pickle. */
  readonly isGuess: boolean
}

/** Throws UnreadableContent when the first pickle breaks; what it would have done before that is found all the same. */
export function scanPickles(scan: Scan, stream: PickleStream): { readonly end: number } {
  const { source } = stream
  const cursor = new ByteCursor(source)
  new PickleMachine(cursor, eventsOf(scan, stream)).run()
  let end = cursor.at
  while (end < source.size && looksLikePickle(source, end)) {
    try {
      const next = new ByteCursor(source, end)
      new PickleMachine(next, eventsOf(scan, stream)).run()
      end = next.at
    } catch (error) {
      if (!(error instanceof UnreadableContent)) throw error
      break
    }
  }
  if (end < source.size && stream.tail === 'nothing' && !stream.isGuess) {
    found(scan, {
      rule: 'pickle.trailing',
      severity: 'low',
      place: placeAt(stream.place, end),
      what: `${source.size - end} bytes stand after the end of the pickle; no loader reads them`,
      next: 'save the model again if you do not know what they are',
    })
  }
  return { end }
}

/** Announced by PROTO 2 to 5, or of protocol 0 or 1, whose first instruction can be told by its letter. */
export function looksLikePickle(source: ByteSource, at: number): boolean {
  const [first = 0, second = 0] = source.read(at, 2)
  if (first === 0x80) return second <= 5
  return opcodes[first] !== undefined && first !== 0x2e
}

function eventsOf(scan: Scan, stream: PickleStream): PickleEvents {
  const { place, source, depth, isGuess } = stream
  const base: PickleEvents = {
    step: (at) => {
      scan.spent.opcodes++
      step(scan, at)
    },
    imports: (name, at) => tellImport(scan, placeAt(place, at), name),
    calls: (callee, at) => tellCall(scan, placeAt(place, at), callee),
    builds: (onto, at) => tellBuild(scan, placeAt(place, at), onto),
    extension: (code, at) => tellExtension(scan, placeAt(place, at), code),
    payload: (start, length) => scanPayload(scan, stream, { start, length }),
  }
  if (isGuess) return base
  return {
    ...base,
    built: (value, machine) => {
      const inline = inlineArrayOf(value)
      if (inline === undefined) return value
      const { cursor } = machine
      if (typeof inline === 'string') throw new UnreadableContent(inline, cursor.at)
      readAsInstructions(scan, { machine, source, events: base, place, holds: inline.holds })
      if (inline.holds === 'objects') {
        if (depth >= scan.limits.depth)
          throw new UnreadableContent('pickles lie too deep in each other', cursor.at)
        const inner = new ByteCursor(source, cursor.at)
        new PickleMachine(inner, eventsOf(scan, { ...stream, depth: depth + 1 })).run()
        cursor.at = inner.at
      } else {
        if (inline.isPadded) cursor.skip(cursor.u8())
        cursor.skip(inline.bytes)
      }
      return { is: 'other' }
    },
  }
}

interface OtherReading {
  readonly machine: PickleMachine
  readonly source: ByteSource
  readonly events: PickleEvents
  readonly place: Place
  readonly holds: 'numbers' | 'objects'
}

/**
 * joblib skips an array's bytes; plain pickle.load would carry them out, so what they would do counts too. Behind an array of
 * objects stands another pickle, which read on with the memo of this one names modules that do not exist, where Python
 * stops: there only a known danger is told, and the reading ends with the first import that is not allowed.
 */
function readAsInstructions(scan: Scan, reading: OtherReading): void {
  const { machine, source, events, place, holds } = reading
  let steps = 0
  const few: PickleEvents = {
    ...events,
    payload: () => {},
    imports: (name, at) => {
      if (name !== null && isAllowedImport(name)) return
      const isKnown = name !== null && (holds === 'numbers' ? isBelievable(name) : dangerOf(name))
      if (isKnown) tellImport(scan, placeAt(place, at), name)
      throw new UnreadableContent('Python stops here, or runs what was told', at)
    },
    calls: () => {},
    builds: () => {},
    extension: () => {},
    step: (at) => {
      if (++steps > 10_000) throw new UnreadableContent('long enough', at)
      events.step(at)
    },
  }
  try {
    machine.fork(new ByteCursor(source, machine.cursor.at), few).run()
  } catch (error) {
    if (!(error instanceof UnreadableContent)) throw error
  }
}

function isBelievable(name: string): boolean {
  return /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/.test(name)
}

interface Payload {
  readonly start: number
  readonly length: number
}

/** Bytes that are handed to another unpickler later look like any other bytes; one that would import something does not. */
function scanPayload(scan: Scan, stream: PickleStream, { start, length }: Payload): void {
  if (stream.depth >= scan.limits.depth) return
  const inner = windowOf(stream.source, start, length)
  if (!looksLikePickle(inner, 0) || !mayImport(inner)) return
  guessPickle(scan, {
    source: inner,
    place: placeAt(stream.place, start),
    tail: 'anything',
    depth: stream.depth + 1,
    isGuess: true,
  })
}

/** Whether any instruction that imports is among the bytes; words of a vocabulary, by the million, are told apart by this. */
function mayImport(source: ByteSource): boolean {
  if (source.size > 4096) return true
  const bytes = source.read(0, source.size)
  if (bytes.includes(0x0a) && (bytes.includes(0x63) || bytes.includes(0x69))) return true
  return [0x93, 0x82, 0x83, 0x84].some((code) => bytes.includes(code))
}

/** Reads contents that nobody calls a pickle as one, for what it would import; true when it is one from start to end. */
export function guessPickle(scan: Scan, stream: PickleStream): boolean {
  const before = scan.findings.length
  try {
    const { end } = scanPickles(scan, { ...stream, isGuess: true })
    if (stream.source.read(0, 1)[0] !== 0x80) keepBelievable(scan, before)
    return end === stream.source.size
  } catch (error) {
    if (!(error instanceof UnreadableContent)) throw error
    keepBelievable(scan, before)
    return false
  }
}

/** Random bytes hold a `c` and two line feeds now and then; a name that no module can have is chance. */
function keepBelievable(scan: Scan, from: number): void {
  const kept = scan.findings.slice(from).filter(({ subject = '' }) => isBelievable(subject))
  scan.findings.splice(from, scan.findings.length, ...kept)
}

function tellImport(scan: Scan, place: Place, name: string | null): void {
  if (name === null) {
    found(scan, {
      rule: 'pickle.hidden_import',
      severity: 'critical',
      place,
      what: 'the pickle imports something whose name it computes, so nobody can tell what loading it would run',
      next: 'do not load it; save the model as ONNX or safetensors',
    })
    return
  }
  if (isAllowedImport(name)) return
  const danger = dangerOf(name)
  found(scan, {
    rule: danger === undefined ? 'pickle.unknown_import' : 'pickle.import',
    severity: danger === undefined ? 'high' : 'critical',
    place,
    subject: shown(modernName(name)),
    what:
      danger === undefined
        ? `loading the pickle imports ${shown(name)}, which is not on the list of harmless imports`
        : `loading the pickle imports ${shown(name)}, which can ${danger}`,
    next:
      danger === undefined
        ? `if that is your own code and you trust the file, add {allow: [${shown(modernName(name))}]}; better, save the model as ONNX or safetensors`
        : 'do not load it; find out who made it',
  })
}

function tellCall(scan: Scan, place: Place, callee: PickleValue): void {
  if (callee.is === 'import') return
  found(scan, {
    rule: 'pickle.calls_result',
    severity: 'high',
    place,
    subject: 'calls_result',
    what: 'the pickle calls what an earlier call returned, which no saved model needs',
    next: 'do not load it; save the model as ONNX or safetensors',
  })
}

function tellBuild(scan: Scan, place: Place, onto: PickleValue): void {
  if (onto.is !== 'import') return
  found(scan, {
    rule: 'pickle.changes_import',
    severity: 'critical',
    place,
    subject: shown(onto.name ?? 'an import'),
    what: `the pickle changes ${shown(onto.name ?? 'what it imported')} itself, for everything else in the process`,
    next: 'do not load it; find out who made it',
  })
}

function tellExtension(scan: Scan, place: Place, code: number): void {
  found(scan, {
    rule: 'pickle.extension',
    severity: 'critical',
    place,
    what: `the pickle imports extension ${code}, whose meaning is set in the process that loads it`,
    next: 'save the model without copyreg extensions, better as ONNX or safetensors',
  })
}
