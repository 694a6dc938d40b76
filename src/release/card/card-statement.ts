// The human part of a model card: MODEL_CARD.md read into sections. Its front matter and title are not sections.

export interface CardStatement {
  readonly sections: readonly StatementSection[]
}

export interface StatementSection {
  readonly heading: string
  /** Markdown, as it was written. */
  readonly text: string
}

/** A card is read by people: what is longer belongs elsewhere. */
const mostCharacters = 60_000

/** What a reader of any model card looks for, and the words it is mostly found under (Mitchell et al. 2019). */
export const expectedSections: readonly { readonly heading: string; readonly words: RegExp }[] = [
  { heading: 'Intended use', words: /intended|use case|uses?\b/i },
  { heading: 'Limitations', words: /limit|caveat|known issue|out.of.scope/i },
  { heading: 'Ethical considerations', words: /ethic|bias|risk|fair/i },
]

export function readStatement(text: string): CardStatement {
  const body = text
    .slice(0, mostCharacters)
    .replaceAll('\r\n', '\n')
    .replace(/^---\n[\s\S]*?\n---\n/, '')
  const sections: { heading: string; lines: string[] }[] = []
  let inCode = false
  for (const line of body.split('\n')) {
    if (/^(```|~~~)/.test(line)) inCode = !inCode
    const heading = inCode ? null : /^#{1,6}\s+(.+?)\s*#*$/.exec(line)
    if (heading) sections.push({ heading: heading[1] ?? '', lines: [] })
    else if (sections.length > 0) sections.at(-1)?.lines.push(line)
    else if (line.trim() !== '') sections.push({ heading: 'About', lines: [line] })
  }
  return {
    sections: sections
      .map(({ heading, lines }) => ({ heading, text: lines.join('\n').trim() }))
      .filter(({ text: said }) => said !== ''),
  }
}

/** The expected sections that nobody wrote. */
export function missingSections({ sections }: CardStatement): string[] {
  return expectedSections
    .filter(({ words }) => !sections.some(({ heading }) => words.test(heading)))
    .map(({ heading }) => heading)
}
