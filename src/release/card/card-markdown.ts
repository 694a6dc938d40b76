// The model card as one page of Markdown, for repositories and terminals.
// Section names follow Mitchell et al., Model Cards for Model Reporting (2019), as far as the records can answer.
import { shortDigest } from '../../foundation/digest.ts'
import { aliasOf } from '../alias.ts'
import { type ManifestTensor, manifestDigest, type ReleaseManifest } from '../manifest.ts'
import { type CardRequest, parameterRows, shapeText } from './card-request.ts'
import { missingSections } from './card-statement.ts'
import { grouped, intervalText, metricText, shareText, shortNumber } from './numbers.ts'
import type { GroupFacts, MetricFact } from './performance-facts.ts'
import type { ColumnFacts } from './profile-facts.ts'
import { figureTables, panelTable } from './task-markdown.ts'

/** Deterministic: the same request gives the same text. */
export function markdownCard(request: CardRequest): string {
  const { manifest, number } = request
  const digest = manifestDigest(manifest)
  const sections = [
    [`# ${plain(manifest.model)}, release ${number} (${aliasOf(digest)})`],
    summary(request),
    ...statement(request),
    ['## Performance', ...performance(request)],
    ['## Gates', ...gates(request)],
    ['## Data', ...trainingData(request)],
    ['## Model', ...model(manifest)],
    ['## Parameters', table(['Parameter', 'Value'], parameterRows(manifest))],
    ['## Made with', ...environment(manifest)],
    ['## Reproducibility', ...reproducibility(request)],
    ['## Integrity', ...integrity(request, digest)],
  ]
  return `${sections.map((lines) => lines.join('\n\n')).join('\n\n')}\n`
}

function summary({ manifest, facts, environments = {} }: CardRequest): string[] {
  const checks = facts.gates.flatMap((gate) => gate.checks)
  const verdicts = [...new Set(checks.map((check) => check.verdict))]
  const tally = verdicts.map(
    (verdict) => `${checks.filter((check) => check.verdict === verdict).length} ${verdict}`,
  )
  const { owner, description } = facts.model
  const places = Object.entries(environments).map(([name, what]) => `${name}: ${what}`)
  return [
    ...(description === null ? [] : [plain(description)]),
    `Project ${manifest.project}, run ${manifest.runId}, ${manifest.createdAt}${owner === null ? '' : `, owner ${plain(owner)}`}. Gates: **${manifest.gates.verdict}**${tally.length === 0 ? '' : ` (${tally.join(', ')})`}.${places.length === 0 ? '' : ` Environments: ${places.join(', ')}.`}`,
  ]
}

/** What people wrote is theirs: headings are put below the card's own, the rest stays as it is. */
function statement({ facts }: CardRequest): string[][] {
  const missing = missingSections(facts.statement)
  return [
    ...facts.statement.sections.map(({ heading, text }) => [
      `## ${plain(heading)}`,
      withoutTags(text),
    ]),
    ...(missing.length === 0
      ? []
      : [[`*Nobody has written down: ${missing.join(', ').toLowerCase()} (MODEL_CARD.md).*`]]),
  ]
}

function metricTable(metrics: readonly MetricFact[]): string {
  return table(
    ['Metric', 'Estimate', '95 % interval', 'Rows', 'Method'],
    metrics.map((one) => [
      ...[one.words, metricText(one.estimate), intervalText(one.lower, one.upper)],
      ...[grouped(one.n), one.method],
    ]),
  )
}

function performance({ facts }: CardRequest): string[] {
  const { performance: found, evaluation, otherTask } = facts
  const holdout = evaluation?.data ?? 'the holdout'
  if (otherTask) {
    const { task, rows, metrics, figures, panels = [] } = otherTask
    const tables = [...(figures ? figureTables(figures) : []), ...panels.map(panelTable)]
    return [
      `A ${task} model, on ${grouped(rows)} rows of ${holdout}.`,
      metricTable(metrics),
      ...tables.flatMap((one) => [`### ${plain(one.title)}`, table(one.head, one.rows)]),
    ]
  }
  if (!found) return ['Nothing was recorded.']
  const { tp, fp, fn, tn } = found.confusion
  return [
    `On ${grouped(found.rows)} rows of ${holdout}, ${grouped(found.positives)} of them positive (${shareText(found.positives / Math.max(1, found.rows))}); threshold ${found.threshold}. Intervals hold with 95 %.`,
    metricTable(found.metrics),
    table(
      ['At the threshold', 'Predicted positive', 'Predicted negative'],
      [
        ['Positive', grouped(tp), grouped(fn)],
        ['Negative', grouped(fp), grouped(tn)],
      ],
    ),
    ...found.groups.flatMap(groups),
  ]
}

function groups({ column, groups: found, left }: GroupFacts): string[] {
  const names = found[0]?.metrics.map(({ words }) => words) ?? []
  return [
    `### By ${plain(column)}`,
    table(
      ['Group', 'Rows', ...names],
      found.map(({ name, rows, metrics }) => [
        ...[name, grouped(rows)],
        ...metrics.map(
          ({ estimate, lower, upper }) =>
            `${metricText(estimate)}${lower === null ? '' : ` (${intervalText(lower, upper)})`}`,
        ),
      ]),
    ),
    ...(left > 0 ? [`${left} smaller groups are not listed.`] : []),
  ]
}

function gates({ facts }: CardRequest): string[] {
  const rows = facts.gates.flatMap(({ name, checks }) =>
    checks.map((check) => [name, check.text, check.verdict, check.because]),
  )
  return [
    rows.length === 0
      ? 'No checks were recorded.'
      : table(['Gate', 'Check', 'Verdict', 'Observed'], rows),
  ]
}

function trainingData({ manifest: { datasets }, facts }: CardRequest): string[] {
  const sets =
    datasets.length === 0
      ? 'No dataset was declared.'
      : table(
          ['Dataset', 'Version', 'Rows', 'Columns'],
          datasets.map((set) => [
            ...[set.name, shortDigest(set.version), grouped(set.rows)],
            set.schema.map(({ name }) => name).join(', '),
          ]),
        )
  if (!facts.profile) return [sets]
  return [
    sets,
    `What the model was judged on (${grouped(facts.profile.rows)} rows), and what live traffic is compared with:`,
    table(
      ['Column', 'Missing', 'Mean', '5 %', 'Median', '95 %', 'Values'],
      facts.profile.columns.map(column),
    ),
  ]
}

function column(facts: ColumnFacts): string[] {
  if (facts.kind === 'category') {
    const shares = facts.shares.map(({ value, share }) => `${value} ${shareText(share)}`)
    const more = facts.left > 0 ? [`${facts.left} more`] : []
    return [facts.name, grouped(facts.missing), '', '', '', '', [...shares, ...more].join(', ')]
  }
  const { name, missing, mean, min, max, quantiles } = facts
  const [low = null, , middle = null, , high = null] = quantiles
  const numbers = [mean, low, middle, high].map(shortNumber)
  return [name, grouped(missing), ...numbers, `${shortNumber(min)} to ${shortNumber(max)}`]
}

function model({ artifact }: ReleaseManifest): string[] {
  const { inputs, outputs } = artifact.signature
  const row = (side: string) => (tensor: ManifestTensor) => [
    ...[side, tensor.name, tensor.datatype],
    shapeText(tensor.shape),
  ]
  return [
    `${artifact.format.toUpperCase()}, ${artifact.size} bytes, ${artifact.digest}.`,
    table(
      ['', 'Tensor', 'Type', 'Shape'],
      [...inputs.map(row('input')), ...outputs.map(row('output'))],
    ),
  ]
}

function environment({ environment: made, code }: ReleaseManifest): string[] {
  const commit = code.commit ?? 'no commit'
  const authors = code.authors.length === 0 ? '' : ` by ${code.authors.join(', ')}`
  return [
    `Lockstep ${made.lockstep}, Node.js ${made.node}, ${made.platform}, ${made.machine.processor}. Code: ${commit}${code.dirty ? ' with uncommitted changes' : ''}${authors}.`,
    ...made.runtimes.map(
      (one) =>
        `${one.kind} ${one.interpreter} from ${one.lockPath} (${shortDigest(one.lock)}), for ${one.steps.join(', ')}.`,
    ),
  ]
}

function reproducibility({ manifest, rebuilds = [] }: CardRequest): string[] {
  const { level, reasons } = manifest.reproducibility
  return [
    `Recorded as ${level}${reasons.length === 0 ? '' : ':'}`,
    ...reasons.map(({ code, sentence }) => `- ${code}: ${sentence}`),
    ...rebuilds.map((one) => `- ${one.finishedAt}: ${one.level}, ${one.because}`),
  ]
}

function integrity({ manifest, signedBy }: CardRequest, digest: string): string[] {
  const lines = [
    `Release digest ${digest}.`,
    `Gate evidence ${manifest.gates.evidence}.`,
    `Monitoring baseline ${manifest.referenceProfile ?? 'none'}.`,
  ]
  return signedBy === undefined ? lines : [...lines, `Signed by ${signedBy} (Ed25519, DSSE).`]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** A cell must stay one cell whatever a dataset or parameter is called. */
function cell(text: string): string {
  return plain(text).replaceAll('\\', '\\\\').replaceAll('|', '\\|')
}

/** Many viewers of Markdown let HTML through. */
function withoutTags(text: string): string {
  return text.replaceAll(/<(?=[a-zA-Z/!?])/g, '&lt;')
}

/** One line, and no tag of somebody else's. */
function plain(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll(/\s+/g, ' ').trim()
}
