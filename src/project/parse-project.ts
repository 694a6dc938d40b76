// Text of lockstep.yaml → a resolved project, or every problem in it at once. Pure: no disk, no environment.
import { isMap, LineCounter, parseDocument } from 'yaml'
import type { core } from 'zod'
import { sentenceOf } from '../foundation/errors.ts'
import { lockstepJsonSchema, lockstepSchema } from './lockstep-schema.ts'
import { didYouMean, type Problem } from './problems.ts'
import type { ProjectSpec } from './project-spec.ts'
import { resolveProject } from './resolve-project.ts'

export type ParsedProject =
  | { readonly spec: ProjectSpec; readonly problems: readonly [] }
  | { readonly spec: null; readonly problems: readonly Problem[] }

/** What rooms to the right find wrong with a project whose shape is right. */
export type LookFurther = (spec: ProjectSpec) => readonly Problem[]

type Path = readonly (string | number)[]

export function parseProject(text: string, lookFurther: LookFurther = () => []): ParsedProject {
  const counter = new LineCounter()
  const document = parseDocument(text, { lineCounter: counter, version: '1.2' })
  if (document.errors.length > 0) {
    return { spec: null, problems: document.errors.map((error) => syntaxProblem(error, counter)) }
  }
  const problems: Problem[] = []
  const locate = (path: Path) => positionOf(document, counter, path, 'value')
  const plain = plainOf(document)
  if ('unread' in plain)
    return {
      spec: null,
      problems: [{ message: plain.unread, position: { line: 1, column: 1, length: 1 } }],
    }
  const parsed = lockstepSchema.safeParse(plain.value ?? {})
  if (!parsed.success) {
    for (const issue of parsed.error.issues)
      problems.push(...schemaProblems(issue, document, counter))
    return { spec: null, problems: problems.sort(byPosition) }
  }
  const report = (path: Path, message: string, hint?: string) =>
    problems.push({
      message: `${shownPath(path)}: ${message}`,
      position: locate(path),
      ...(hint ? { hint } : {}),
    })
  const spec = resolveProject(parsed.data, report, locate)
  problems.push(...lookFurther(spec))
  return problems.length > 0
    ? { spec: null, problems: problems.sort(byPosition) }
    : { spec, problems: [] }
}

type Document = ReturnType<typeof parseDocument>

/** Aliases are followed only here; one without an anchor, or a heap of them made to explode, shows only now. */
function plainOf(document: Document): { readonly value: unknown } | { readonly unread: string } {
  try {
    return { value: document.toJS() }
  } catch (error) {
    return { unread: sentenceOf(error) }
  }
}

function syntaxProblem(error: Document['errors'][number], counter: LineCounter): Problem {
  const { line, col } = counter.linePos(error.pos[0])
  const first = error.message.split('\n')[0] ?? error.message
  return {
    message: first.replace(/ at line \d+, column \d+:?$/, ''),
    position: { line, column: col, length: 1 },
  }
}

/** A zod issue in words, at its place; a union is explained by the branch that came nearest. */
function schemaProblems(
  issue: core.$ZodIssue,
  document: Document,
  counter: LineCounter,
  base: Path = [],
): Problem[] {
  const path = [...base, ...(issue.path as Path)]
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => unknownKey([...path, key], document, counter))
  }
  if (issue.code === 'invalid_key') {
    const position = positionOf(document, counter, path, 'key')
    const [rule] = issue.issues
    return [
      { message: `${shownPath(path)}: ${rule?.message ?? 'this name is not allowed'}`, position },
    ]
  }
  if (issue.code === 'invalid_union') {
    const nearest = nearestBranch(issue.errors, document.getIn(path))
    if (nearest) return nearest.flatMap((inner) => schemaProblems(inner, document, counter, path))
  }
  const value = document.getIn(path)
  const missing =
    (issue.code === 'invalid_type' || issue.code === 'invalid_value') && value === undefined
  const message = missing ? 'is required and missing' : sentence(issue, value)
  const position = positionOf(
    document,
    counter,
    missing ? path.slice(0, -1) : path,
    missing ? 'key' : 'value',
  )
  const allowed = issue.code === 'invalid_value' ? issue.values.map(String) : []
  const guess = typeof value === 'string' ? didYouMean(value, allowed) : undefined
  return [
    {
      message: `${shownPath(path)}: ${message}`,
      position,
      ...(guess ? { hint: `did you mean '${guess}'?` } : {}),
    },
  ]
}

function sentence(issue: core.$ZodIssue, value: unknown): string {
  const shown =
    value === undefined || typeof value === 'object' ? '' : `; found ${JSON.stringify(value)}`
  if (issue.code === 'invalid_value')
    return `must be ${issue.values.map((one) => String(one)).join(' or ')}${shown}`
  if (issue.code === 'invalid_type') return `must be ${article(issue.expected)}${shown}`
  if (issue.code === 'too_big' && issue.origin !== 'string')
    return `must ${sized(issue.origin, issue.inclusive ? 'at most' : 'below', issue.maximum)}${shown}`
  if (issue.code === 'too_small' && issue.origin !== 'string')
    return `must ${sized(issue.origin, issue.inclusive ? 'at least' : 'above', issue.minimum)}${shown}`
  if (issue.code === 'too_small') return `must not be empty${shown}`
  return `${issue.message.replace(/^Invalid input: /, '')}${shown}`
}

function sized(origin: string, bound: string, limit: number | bigint): string {
  return origin === 'array' ? `have ${bound} ${limit} in its list` : `be ${bound} ${limit}`
}

function article(expected: string): string {
  const word =
    expected === 'record' || expected === 'object'
      ? 'map'
      : expected === 'array'
        ? 'list'
        : expected
  return /^[aeiou]/.test(word) ? `an ${word}` : `a ${word}`
}

/** The branch of the same type as the value with the fewest complaints; undefined when none has the type. */
function nearestBranch(
  branches: readonly (readonly core.$ZodIssue[])[],
  value: unknown,
): readonly core.$ZodIssue[] | undefined {
  const typed = branches.filter(
    (issues) =>
      !issues.some(
        (one) =>
          one.path.length === 0 &&
          (one.code === 'invalid_type' || (one.code === 'invalid_value' && isMap(value))),
      ),
  )
  const sharesKey = (issues: readonly core.$ZodIssue[]) =>
    isMap(value)
      ? issues.filter(
          (one) =>
            one.code === 'unrecognized_keys' ||
            ((one.code === 'invalid_type' || one.code === 'invalid_value') &&
              one.path.length === 1),
        ).length
      : 0
  return [...(typed.length > 0 ? typed : branches)].sort(
    (a, b) => sharesKey(a) - sharesKey(b) || a.length - b.length,
  )[0]
}

function unknownKey(path: Path, document: Document, counter: LineCounter): Problem {
  const key = String(path.at(-1))
  const known = knownKeys(path.slice(0, -1))
  if (known.includes(key))
    return {
      message: `${shownPath(path)}: ${key} does not go with what else is here; give one of ${known.join(', ')}`,
      position: positionOf(document, counter, path, 'key'),
    }
  const guess = didYouMean(key, known)
  const allowed = known.length > 0 ? `; known here: ${known.join(', ')}` : ''
  return {
    message: `${shownPath(path)}: unknown key '${key}'${allowed}`,
    position: positionOf(document, counter, path, 'key'),
    ...(guess ? { hint: `did you mean '${guess}'?` } : {}),
  }
}

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>
  readonly additionalProperties?: SchemaNode | boolean
  readonly items?: SchemaNode
  readonly anyOf?: readonly SchemaNode[]
}

/** The keys the JSON Schema knows at a path: the same source the editor completes from. */
function knownKeys(path: Path): string[] {
  let nodes: SchemaNode[] = [lockstepJsonSchema() as SchemaNode]
  for (const part of path) nodes = nodes.flatMap(branches).flatMap((node) => childOf(node, part))
  return nodes.flatMap(branches).flatMap((node) => Object.keys(node.properties ?? {}))
}

function branches(node: SchemaNode): SchemaNode[] {
  return node.anyOf ? node.anyOf.flatMap(branches) : [node]
}

function childOf(node: SchemaNode, part: string | number): SchemaNode[] {
  if (typeof part === 'number') return node.items ? [node.items] : []
  const named = node.properties?.[part]
  if (named) return [named]
  return typeof node.additionalProperties === 'object' ? [node.additionalProperties] : []
}

/** The range of the value (or the key) at a path; of its nearest ancestor when the path itself is absent. */
function positionOf(
  document: Document,
  counter: LineCounter,
  path: Path,
  part: 'key' | 'value',
): Problem['position'] {
  for (let length = path.length; length >= 0; length--) {
    const range = rangeAt(document, path.slice(0, length), part)
    if (!range) continue
    const { line, col } = counter.linePos(range[0])
    return { line, column: col, length: Math.max(1, range[1] - range[0]) }
  }
  return null
}

function rangeAt(
  document: Document,
  path: Path,
  part: 'key' | 'value',
): readonly [number, number, number?] | undefined {
  if (path.length === 0) return document.contents?.range ?? [0, 1]
  if (part === 'key') {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
    const pair = isMap(parent)
      ? parent.items.find((item) => String(item.key) === String(path.at(-1)))
      : undefined
    const key = pair?.key as { range?: [number, number, number] } | undefined
    return key?.range
  }
  const node = document.getIn(path, true) as { range?: [number, number, number] } | undefined
  return node?.range
}

function shownPath(path: Path): string {
  return (
    path
      .map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`))
      .join('') || 'lockstep.yaml'
  )
}

function byPosition(a: Problem, b: Problem): number {
  return (
    (a.position?.line ?? 0) - (b.position?.line ?? 0) ||
    (a.position?.column ?? 0) - (b.position?.column ?? 0)
  )
}
