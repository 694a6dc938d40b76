// Blacks out secrets in a stream of bytes, also when one arrives in pieces, and in the forms programs like to print them.

export interface Redactor {
  /** What may be shown of everything so far; the beginning of a possible secret is kept back until more is known. */
  push(chunk: Buffer): Buffer
  /** What was kept back; nothing more comes. */
  end(): Buffer
}

const mask = '***'

/** With no secrets everything passes as it is. */
export function redactor(secrets: readonly string[]): Redactor {
  const patterns = patternsOf(secrets)
  const nothing = Buffer.alloc(0)
  if (patterns.length === 0) return { push: (chunk) => chunk, end: () => nothing }
  let held = ''
  const show = (until: 'safe' | 'end') => {
    const spans = spansIn(held, patterns)
    let cut = until === 'end' ? held.length : held.length - openEnding(held, patterns)
    for (const { from, to } of spans) if (from < cut && cut < to) cut = from
    const shown = masked(held.slice(0, cut), spans)
    held = held.slice(cut)
    return Buffer.from(shown, 'latin1')
  }
  return {
    push: (chunk) => {
      // One character per byte: searching text is fast, and no character of another encoding is ever cut.
      held += chunk.toString('latin1')
      return show('safe')
    },
    end: () => show('end'),
  }
}

/** A whole text at once. */
export function redactText(text: string, secrets: readonly string[]): string {
  const stream = redactor(secrets)
  return Buffer.concat([stream.push(Buffer.from(text)), stream.end()]).toString('utf8')
}

interface Span {
  readonly from: number
  readonly to: number
}

/** Overlapping finds become one. */
function spansIn(text: string, patterns: readonly string[]): Span[] {
  const found: Span[] = []
  for (const pattern of patterns) {
    for (let at = text.indexOf(pattern); at >= 0; at = text.indexOf(pattern, at + 1))
      found.push({ from: at, to: at + pattern.length })
  }
  found.sort((a, b) => a.from - b.from || b.to - a.to)
  const merged: Span[] = []
  for (const span of found) {
    const last = merged.at(-1)
    if (last === undefined || span.from >= last.to) merged.push(span)
    else if (span.to > last.to) merged[merged.length - 1] = { from: last.from, to: span.to }
  }
  return merged
}

function masked(text: string, spans: readonly Span[]): string {
  let shown = ''
  let at = 0
  for (const { from, to } of spans) {
    if (to > text.length) break
    shown += text.slice(at, from) + mask
    at = to
  }
  return shown + text.slice(at)
}

/** How many characters at the end may be the beginning of a pattern. */
function openEnding(text: string, patterns: readonly string[]): number {
  let longest = 0
  for (const pattern of patterns) {
    for (let size = Math.min(pattern.length - 1, text.length); size > longest; size--) {
      if (text.endsWith(pattern.slice(0, size))) longest = size
    }
  }
  return longest
}

/** Below this length an encoded form is too short to be told from ordinary text. */
const leastForm = 6

function patternsOf(secrets: readonly string[]): string[] {
  const patterns = new Set<string>()
  for (const secret of secrets) {
    // A key file is often printed line by line.
    const lines = secret.split(/\r?\n/).filter((line) => line.trim().length >= 8)
    for (const text of [secret, ...lines]) {
      if (text === '') continue
      patterns.add(latin1(text))
      for (const form of formsOf(text)) if (form.length >= leastForm) patterns.add(form)
    }
  }
  return [...patterns]
}

function formsOf(text: string): string[] {
  const bytes = Buffer.from(text)
  const url = encodeURIComponent(text)
  const json = JSON.stringify(text).slice(1, -1)
  const asciiJson = json.replace(
    /[\u0080-\uffff]/g,
    (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  const texts = [
    ...[
      url,
      url.replaceAll('%20', '+'),
      url.replace(/%[0-9A-F]{2}/g, (sign) => sign.toLowerCase()),
    ],
    ...[json, asciiJson, json.replaceAll('/', '\\/')],
    ...[bytes.toString('hex'), bytes.toString('hex').toUpperCase()],
  ]
  return [...texts.map(latin1), ...base64Forms(bytes)]
}

/** Base64 looks different depending on where in a longer text the secret stands; the inner characters of each case are stable. */
function base64Forms(bytes: Buffer): string[] {
  const whole = bytes.toString('base64').replace(/=+$/, '')
  const forms = [whole, whole.replaceAll('+', '-').replaceAll('/', '_')]
  for (const before of [0, 1, 2]) {
    const all = Buffer.concat([Buffer.alloc(before), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const start = Math.ceil((before * 8) / 6)
    const end = Math.floor(((before + bytes.length) * 8) / 6)
    const inner = all.slice(start, end)
    forms.push(inner, inner.replaceAll('+', '-').replaceAll('/', '_'))
  }
  return forms
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
