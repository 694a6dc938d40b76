// The model card as one HTML page that needs nothing else: no script, no font, no request. What it shows comes from records.
import { aliasOf } from '../alias.ts'
import { manifestDigest } from '../manifest.ts'
import type { CardRequest } from './card-request.ts'
import { expectedSections, missingSections } from './card-statement.ts'
import { type Html, html, nothing } from './html.ts'
import { dateText, grouped, intervalText, metricText, shareText } from './numbers.ts'
import { dataSection, modelSection } from './page-data.ts'
import { capital, verdictBadge } from './page-parts.ts'
import { gatesSection, performanceSection } from './page-performance.ts'
import { integritySection, lineageSection, reproducibilitySection } from './page-record.ts'
import { pageOf } from './page-shell.ts'
import { statementHtml } from './statement-html.ts'

/** Deterministic: the same request gives the same page. */
export function htmlCard(request: CardRequest): string {
  const { manifest, number } = request
  const alias = aliasOf(manifestDigest(manifest))
  const title = `${manifest.model}, release ${number} (${alias})`
  return pageOf({
    title: `${title}: model card`,
    top: html`<p class="eyebrow">${manifest.project} · model card · release ${number}, ${alias}</p>
<h1>${manifest.model}</h1>
${request.facts.model.description !== null && html`<p class="lede">${request.facts.model.description}</p>`}
${badges(request)}
${figures(request)}`,
    main: html`${statement(request)}
${performanceSection(request)}
${gatesSection(request)}
${dataSection(request)}
${modelSection(request)}
${lineageSection(request)}
${reproducibilitySection(request)}
${integritySection(request)}`,
    footer: html`Made by Lockstep ${manifest.environment.lockstep} from the records of ${manifest.runId}. Sealed ${dateText(manifest.createdAt)}.`,
  })
}

function badges({
  manifest,
  facts,
  environments = {},
  rebuilds = [],
  signedBy,
}: CardRequest): Html {
  const [rebuilt] = rebuilds
  const places = Object.entries(environments).map(
    ([name, what]) =>
      html`<li><span class="badge">${name}: ${what.replaceAll('_', ' ')}</span></li>`,
  )
  return html`<ul class="badges" aria-label="State">
${facts.gates.map((gate) => html`<li>${verdictBadge(gate.verdict, `${gate.name} ${gate.verdict}`)}</li>`)}
<li><span class="badge" title="Reproducibility">${rebuilt ? `rebuilt: ${rebuilt.level}` : `recorded as ${manifest.reproducibility.level}`}</span></li>
${signedBy !== undefined && html`<li><span class="badge">signed</span></li>`}
${places}
</ul>`
}

/** Four numbers that say most, before anything is read. */
function figures({ facts: { performance } }: CardRequest): Html {
  if (!performance) return nothing
  const shown = ['roc_auc', 'recall', 'precision', 'ece@15u'].flatMap((name) => {
    const fact = performance.metrics.find((metric) => metric.name === name)
    return fact ? [fact] : []
  })
  const base = performance.positives / Math.max(1, performance.rows)
  return html`<dl class="figures">
${shown.map(({ words, estimate, lower, upper }) => html`<div><dt>${capital(words.replace(/ \(.*\)$/, ''))}</dt><dd>${metricText(estimate)}<small>${lower === null ? 'estimate' : intervalText(lower, upper)}</small></dd></div>`)}
<div><dt>Holdout rows</dt><dd>${grouped(performance.rows)}<small>${shareText(base)} positive</small></dd></div>
</dl>`
}

/** Intended use, limitations and ethics are never left out silently. */
function statement({ facts }: CardRequest): Html {
  const { sections } = facts.statement
  const missing = missingSections(facts.statement)
  const order = (heading: string) => {
    const at = expectedSections.findIndex(({ words }) => words.test(heading))
    return at < 0 ? expectedSections.length : at
  }
  const first = sections
    .slice(0, 1)
    .filter(({ heading }) => order(heading) === expectedSections.length)
  const rest = sections.slice(first.length).sort((a, b) => order(a.heading) - order(b.heading))
  const { owner } = facts.model
  return html`<section aria-labelledby="about"><h2 id="about">About</h2>
${owner !== null && html`<dl class="facts"><dt>Owner</dt><dd>${owner}</dd></dl>`}
${first.map(({ text }) => statementHtml(text))}
${rest.map(({ heading, text }) => html`<h3>${heading}</h3>${statementHtml(text)}`)}
${missing.length > 0 && html`<p class="unwritten">Nobody has written down: ${missing.join(', ').toLowerCase()}. Put it into <code>MODEL_CARD.md</code> in the project, under headings of these names.</p>`}
</section>`
}
