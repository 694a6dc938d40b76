// Where the release comes from, how far it can be made again, and the digests by which anyone can check it.
import { manifestDigest } from '../manifest.ts'
import type { CardRequest } from './card-request.ts'
import { type Html, html, nothing } from './html.ts'
import { bytesText, dateText } from './numbers.ts'
import { digest, factList, section, tableOf } from './page-parts.ts'

export function lineageSection({ manifest }: CardRequest): Html {
  const { code, environment, pipeline, runId } = manifest
  const { machine } = environment
  const authors = code.authors.length === 0 ? '' : ` by ${code.authors.join(', ')}`
  const runtimes = environment.runtimes.map((one): [string, Html] => [
    `${one.kind} environment`,
    html`${one.interpreter}, <code>${one.lockPath}</code>, for ${one.steps.join(', ')}`,
  ])
  return section(
    'lineage',
    'Lineage',
    html`${factList([
      [
        'Commit',
        html`${digest(code.commit)}${authors}${code.dirty && ', with uncommitted changes'}`,
      ],
      ['Run', runId],
      ['Made with', `Lockstep ${environment.lockstep}, Node.js ${environment.node}`],
      [
        'Machine',
        `${environment.platform}, ${machine.processor}, ${machine.processors} processors, ${bytesText(machine.memoryBytes)}`,
      ],
      ...runtimes,
    ])}
<h3>Steps</h3>
${tableOf(
  [{ title: 'Step' }, { title: 'Output' }, { title: 'Digest', isWords: true }],
  pipeline.steps.flatMap((step) =>
    step.outputs.map((output) => [
      step.name,
      html`<code>${output.path}</code>`,
      digest(output.digest),
    ]),
  ),
)}`,
  )
}

const levels: Readonly<Record<string, string>> = {
  R0: 'recorded, not everything is pinned',
  R1: 'everything it was made from is recorded and pinned',
}

export function reproducibilitySection({ manifest, number, rebuilds = [] }: CardRequest): Html {
  const { level, reasons } = manifest.reproducibility
  return section(
    'reproducibility',
    'Reproducibility',
    html`<p>Sealed as <strong>${level}</strong>: ${levels[level] ?? ''}.</p>
${reasons.length > 0 && html`<ul>${reasons.map(({ code, sentence }) => html`<li><code>${code}</code> ${sentence}</li>`)}</ul>`}
${rebuilds.length === 0 ? html`<p class="quiet">Not rebuilt yet: <code>lockstep rebuild ${number}</code>.</p>` : nothing}
${
  rebuilds.length > 0 &&
  tableOf(
    [{ title: 'Rebuilt' }, { title: 'Level' }, { title: 'Found', isWords: true }],
    rebuilds.map((one) => [dateText(one.finishedAt), one.level, one.because]),
  )
}`,
  )
}

export function integritySection({ manifest, signedBy, number }: CardRequest): Html {
  return section(
    'integrity',
    'Integrity',
    html`${factList([
      ['Release', digest(manifestDigest(manifest))],
      ['Model', digest(manifest.artifact.digest)],
      ['Code', digest(manifest.code.tree)],
      ['Pipeline', digest(manifest.pipeline.definition)],
      ['Gates', digest(manifest.gates.definition)],
      ['Evidence', digest(manifest.gates.evidence)],
      ['Drift reference', digest(manifest.referenceProfile)],
      ['Card facts', digest(manifest.card)],
      ...(signedBy === undefined ? [] : [['Signed by', digest(signedBy)] as const]),
    ])}
<p class="quiet">A click selects a digest whole. Check every part with <code>lockstep verify ${number}</code>.</p>`,
  )
}
