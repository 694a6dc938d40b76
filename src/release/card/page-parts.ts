// Small parts that every section of a card uses: sections, tables, verdicts, digests.
import { type Html, html } from './html.ts'

const marks: Readonly<Record<string, string>> = {
  ...{ pass: '✓', warn: '!', fail: '✗', insufficient: '?', error: '✗', skipped: '–', waived: '!' },
}

export function verdictBadge(verdict: string, text: string = verdict): Html {
  const known = marks[verdict]
  const tone = known === undefined ? '' : ` ${verdict}`
  return html`<span class="badge${tone}">${known ?? ''} ${text}</span>`
}

export function section(id: string, heading: string, body: Html): Html {
  return html`<section aria-labelledby="${id}"><h2 id="${id}">${heading}</h2>
${body}
</section>`
}

export interface Column {
  readonly title: string
  /** Numbers stand to the right. */
  readonly isNumber?: boolean
  readonly isWords?: boolean
}

/** The first cell of a row names it. */
export function tableOf(
  columns: readonly Column[],
  rows: readonly (readonly (Html | string)[])[],
): Html {
  const tone = (column: Column | undefined) =>
    column?.isNumber ? ' class="n"' : column?.isWords ? ' class="words"' : ''
  const head = columns.map((column) => ({
    html: `<th scope="col"${tone(column)}>${html`${column.title}`.html}</th>`,
  }))
  const lines = rows.map((row) => {
    const cells = row.map((value, at) => {
      const inside = html`${value}`.html
      return at === 0 ? `<th scope="row">${inside}</th>` : `<td${tone(columns[at])}>${inside}</td>`
    })
    return { html: `<tr>${cells.join('')}</tr>` }
  })
  return html`<div class="scroll" role="region" tabindex="0" aria-label="Table"><table><thead><tr>${head}</tr></thead><tbody>${lines}</tbody></table></div>`
}

/** One click selects it whole. */
export function digest(text: string | null): Html {
  return text === null
    ? html`<span class="quiet">none</span>`
    : html`<span class="digest">${text}</span>`
}

export function factList(pairs: readonly (readonly [name: string, value: Html | string])[]): Html {
  return html`<dl class="facts">${pairs.map(([name, value]) => html`<dt>${name}</dt><dd>${value}</dd>`)}</dl>`
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
