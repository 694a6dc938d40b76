// What people wrote in MODEL_CARD.md as HTML: paragraphs, lists, code, emphasis and links to the web. Everything else stays text.
import { escaped, type Html, html, trusted } from './html.ts'

export function statementHtml(markdown: string): Html {
  const blocks = markdown.split(/\n{2,}/).map((block) => block.trim())
  return {
    html: blocks
      .filter((block) => block !== '')
      .map((block) => blockOf(block).html)
      .join('\n'),
  }
}

function blockOf(block: string): Html {
  const lines = block.split('\n')
  const fence = /^(```|~~~)[^\n]*\n([\s\S]*?)\n?(```|~~~)?$/.exec(block)
  if (fence) return html`<pre>${fence[2]}</pre>`
  const isList = (mark: RegExp) => mark.test(lines[0] ?? '')
  if (isList(/^\s*[-*+]\s+/)) return html`<ul>${items(lines, /^\s*[-*+]\s+/)}</ul>`
  if (isList(/^\s*\d+[.)]\s+/)) return html`<ol>${items(lines, /^\s*\d+[.)]\s+/)}</ol>`
  return html`<p>${inline(lines.join(' '))}</p>`
}

/** A line without a mark goes on with the item before it. */
function items(lines: readonly string[], mark: RegExp): Html[] {
  const texts: string[] = []
  for (const line of lines) {
    if (mark.test(line)) texts.push(line.replace(mark, ''))
    else texts[texts.length - 1] = `${texts.at(-1) ?? ''} ${line.trim()}`
  }
  return texts.map((text) => html`<li>${inline(text)}</li>`)
}

/** Escaped first; then only marks that cannot carry anything but text are turned into tags. */
function inline(text: string): Html {
  const [first = '', ...rest] = text.split('`')
  const parts = [marked(first)]
  for (const [at, part] of rest.entries()) {
    const isCode = at % 2 === 0 && at < rest.length - (rest.length % 2 === 0 ? 0 : 1)
    parts.push(isCode ? `<code>${escaped(part)}</code>` : marked(at % 2 === 0 ? `\`${part}` : part))
  }
  return trusted(parts.join(''))
}

function marked(text: string): string {
  return escaped(text)
    .replaceAll(/\*\*([^*\n]+)\*\*/g, '<strong>$1</strong>')
    .replaceAll(/(?<![\w*])\*([^*\n]+)\*(?![\w*])/g, '<em>$1</em>')
    .replaceAll(
      /\[([^\]\n]{1,200})\]\((https:\/\/[^\s()<>]{1,500})\)/g,
      '<a href="$2" rel="noopener noreferrer">$1</a>',
    )
}
