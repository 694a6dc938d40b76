// HTML that cannot be broken by what is put into it: every value of a template is escaped unless it is HTML already.

export interface Html {
  readonly html: string
}

type Value = Html | string | number | null | undefined | false | readonly Html[]

export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  const text = parts.map((part, at) => (at === 0 ? part : `${written(values[at - 1])}${part}`))
  return { html: text.join('') }
}

/** For text that is known to be HTML, such as a style sheet of ours. */
export function trusted(text: string): Html {
  return { html: text }
}

export const nothing: Html = { html: '' }

/** Safe in text and in quoted attributes. Characters that turn the direction of text or cannot be seen are shown as codes. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll(
      invisible,
      (mark) => `[U+${(mark.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
}

/** Controls and formats but for line ends, tabs and the joiner of emoji. */
const invisible = /(?![\t\n\r\u200d])[\p{Cc}\p{Cf}]/gu

function written(value: Value): string {
  if (value === null || value === undefined || value === false) return ''
  if (typeof value === 'string') return escaped(value)
  if (typeof value === 'number') return escaped(String(value))
  if ('html' in value) return value.html
  return value.map((one) => one.html).join('')
}
