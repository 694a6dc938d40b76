// The shell of every page of ours: one file, light and dark, without a script, a font or a request.
import { cardStyle } from './card-style.ts'
import { type Html, html, trusted } from './html.ts'

export interface PageParts {
  /** Of the window. */
  readonly title: string
  /** Style that only this kind of page needs. */
  readonly style?: string
  readonly top: Html
  readonly main: Html
  readonly footer: Html | string
}

export function pageOf({ title, style = '', top, main, footer }: PageParts): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${trusted(cardStyle + style)}</style>
</head>
<body>
<header class="top">
${top}
</header>
<main>
${main}
</main>
<footer>${footer}</footer>
</body>
</html>
`.html
}
