// Reads a JUnit report, whoever wrote it: pytest, vitest, Surefire, gotestsum. The text comes from a command that may be hostile:
// declarations of entities are refused, sizes and depths bounded, and nothing outside the text is ever fetched.
// Format: https://github.com/testmoapp/junitxml
import { type Refusal, refuse } from '../../foundation/refusal.ts'
import type { FailedTest, TestCounts } from './test-report.ts'

export const largestReport = 32 * 1024 ** 2
const deepest = 64
const failuresTold = 20

interface Counting {
  suites: number
  tests: number
  failures: number
  errors: number
  skipped: number
  failed: FailedTest[]
  /** What suites say of themselves, which may be more than the cases they list. */
  claimedBad: number
}

interface OpenTest {
  readonly name: string
  bad: 'failure' | 'error' | null
  isSkipped: boolean
  says: string
}

export function readJunit(text: string): TestCounts | Refusal {
  if (text.length > largestReport)
    return refuse(
      'junit.too_large',
      `it has ${text.length} characters; ${largestReport} are the most`,
    )
  const scanned = readTags(text)
  if ('refused' in scanned) return scanned
  const { claimedBad, ...counts } = scanned
  // A suite that counts more failures than it lists is believed: silence must not become a pass.
  const unlisted = claimedBad - counts.failures - counts.errors
  return unlisted > 0 ? { ...counts, failures: counts.failures + unlisted } : counts
}

function readTags(text: string): Counting | Refusal {
  const counting: Counting = {
    suites: 0,
    tests: 0,
    failures: 0,
    errors: 0,
    skipped: 0,
    failed: [],
    claimedBad: 0,
  }
  const open: string[] = []
  let test: OpenTest | undefined
  let isRooted = false
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const passed = passOver(text, at)
    if (typeof passed === 'object') return passed
    if (passed > at) {
      at = passed
      continue
    }
    const tag = readTag(text, at)
    if (tag === undefined)
      return refuse('junit.broken', `it is no well-formed XML at character ${at + 1}`)
    at = tag.end
    if (tag.kind === 'close') {
      if (open.pop() !== tag.name)
        return refuse('junit.broken', `</${tag.name}> closes what is not open at character ${at}`)
      if (tag.name === 'testcase' && test !== undefined) {
        countTest(counting, test)
        test = undefined
      }
      continue
    }
    if (!isRooted && tag.name !== 'testsuites' && tag.name !== 'testsuite')
      return refuse(
        'junit.not_junit',
        `it begins with <${tag.name}>, not with testsuites or testsuite`,
      )
    isRooted = true
    if (tag.name === 'testsuite') openSuite(counting, tag.attributes, open.at(-1))
    if (tag.name === 'testcase') test = openTest(tag.attributes)
    if (test !== undefined) markTest(test, tag, text)
    if (tag.kind === 'open') open.push(tag.name)
    else if (tag.name === 'testcase' && test !== undefined) {
      countTest(counting, test)
      test = undefined
    }
    if (open.length > deepest)
      return refuse('junit.broken', 'its elements lie too deep in each other')
  }
  if (!isRooted) return refuse('junit.not_junit', 'it holds no testsuite')
  if (open.length > 0)
    return refuse('junit.broken', `it ends inside <${open.at(-1)}>: it is cut short`)
  return counting
}

/** Comments, CDATA and instructions, to their end; a document type that declares anything is refused. */
function passOver(text: string, at: number): number | Refusal {
  const over = [
    ['<!--', '-->'],
    ['<![CDATA[', ']]>'],
    ['<?', '?>'],
  ] as const
  for (const [from, to] of over) {
    if (!text.startsWith(from, at)) continue
    const end = text.indexOf(to, at + from.length)
    return end < 0 ? refuse('junit.broken', `${from} is never closed`) : end + to.length
  }
  if (text.startsWith('<!', at))
    return refuse(
      'junit.doctype',
      'it declares a document type, which a report does not need and an attack does',
    )
  return at
}

interface Tag {
  readonly kind: 'open' | 'close' | 'empty'
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  readonly end: number
}

const namePattern = /<(\/?)([A-Za-z_][\w.:-]{0,200})/y
const attributePattern = /\s+([A-Za-z_][\w.:-]{0,200})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y
const endPattern = /\s*(\/?)>/y

function readTag(text: string, at: number): Tag | undefined {
  namePattern.lastIndex = at
  const named = namePattern.exec(text)
  if (named === null) return undefined
  const attributes = new Map<string, string>()
  let end = namePattern.lastIndex
  for (;;) {
    attributePattern.lastIndex = end
    const found = attributePattern.exec(text)
    if (found === null) break
    end = attributePattern.lastIndex
    const name = found[1] ?? ''
    if (attributes.has(name)) return undefined
    attributes.set(name, plain(found[2] ?? found[3] ?? ''))
    if (attributes.size > 200) return undefined
  }
  endPattern.lastIndex = end
  const ended = endPattern.exec(text)
  if (ended === null) return undefined
  const kind = named[1] === '/' ? 'close' : ended[1] === '/' ? 'empty' : 'open'
  return { kind, name: named[2] ?? '', attributes, end: endPattern.lastIndex }
}

function openSuite(
  counting: Counting,
  attributes: ReadonlyMap<string, string>,
  parent: string | undefined,
): void {
  counting.suites++
  // Suites inside suites repeat their numbers above.
  if (parent === 'testsuite') return
  counting.claimedBad += wholeOf(attributes.get('failures')) + wholeOf(attributes.get('errors'))
}

function wholeOf(text: string | undefined): number {
  return /^\d{1,9}$/.test(text ?? '') ? Number(text) : 0
}

function openTest(attributes: ReadonlyMap<string, string>): OpenTest {
  const name = attributes.get('name') ?? 'a test without a name'
  const group = attributes.get('classname') ?? ''
  return {
    name: (group === '' ? name : `${group}::${name}`).slice(0, 200),
    bad: null,
    isSkipped: false,
    says: '',
  }
}

function markTest(test: OpenTest, tag: Tag, text: string): void {
  if (tag.name === 'skipped') test.isSkipped = true
  if (tag.name !== 'failure' && tag.name !== 'error') return
  // An error outweighs a failure of the same test.
  if (test.bad !== 'error') test.bad = tag.name
  if (test.says !== '') return
  const said =
    tag.attributes.get('message') || (tag.kind === 'open' ? textAfter(text, tag.end) : '')
  test.says = firstLine(said) || (tag.attributes.get('type') ?? '')
}

function textAfter(text: string, at: number): string {
  const cdata = '<![CDATA['
  const start = text.startsWith(cdata, at) ? at + cdata.length : at
  const end = text.indexOf(start === at ? '<' : ']]>', start)
  const said = text.slice(start, end < 0 ? start : Math.min(end, start + 4000))
  return start === at ? plain(said) : said
}

function countTest(counting: Counting, { name, bad, isSkipped, says }: OpenTest): void {
  counting.tests++
  if (bad === 'failure') counting.failures++
  else if (bad === 'error') counting.errors++
  else if (isSkipped) counting.skipped++
  if (bad !== null && counting.failed.length < failuresTold) counting.failed.push({ name, says })
}

function firstLine(text: string): string {
  const line = text.split('\n').find((one) => one.trim() !== '') ?? ''
  return line.trim().slice(0, 200)
}

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" }

/** The five entities of XML and numbers; any other stays as it is written. */
function plain(text: string): string {
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(\w{1,8}));/g,
    (whole, tens, sixteens, name) => {
      if (name !== undefined) return named[name] ?? whole
      const point = tens === undefined ? Number.parseInt(sixteens, 16) : Number(tens)
      return point <= 0x10ffff ? String.fromCodePoint(point) : whole
    },
  )
}
