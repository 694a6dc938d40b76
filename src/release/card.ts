// The model card: what a release is, on what it was made and how it was judged, as one page of Markdown.
// Section names follow Mitchell et al., Model Cards for Model Reporting (2019), as far as the manifest can answer.
import { shortDigest } from '../foundation/digest.ts'
import { aliasOf } from './alias.ts'
import { type ManifestTensor, manifestDigest, type ReleaseManifest } from './manifest.ts'

/** One line of the gate report. */
export interface CardCheck {
  readonly gate: string
  readonly check: string
  readonly verdict: string
  /** Observed against allowed. */
  readonly sentence: string
}

export interface CardRequest {
  readonly manifest: ReleaseManifest
  readonly number: number
  readonly checks: readonly CardCheck[]
  readonly signedBy?: string
}

/** Deterministic: the same manifest and checks give the same text. */
export function modelCard(request: CardRequest): string {
  const { manifest, number } = request
  const digest = manifestDigest(manifest)
  const sections = [
    [`# ${manifest.model}, release ${number} (${aliasOf(digest)})`],
    summary(request),
    ['## Model', ...model(manifest)],
    ['## Training data', ...trainingData(manifest)],
    ['## Parameters', ...parameters(manifest)],
    ['## Evaluation', ...evaluation(request)],
    ['## Made with', ...environment(manifest)],
    ['## Integrity', ...integrity(request, digest)],
  ]
  return `${sections.map((lines) => lines.join('\n\n')).join('\n\n')}\n`
}

function summary({ manifest, checks }: CardRequest): string[] {
  const count = (verdict: string) => checks.filter((check) => check.verdict === verdict).length
  const tally = [...new Set(checks.map((check) => check.verdict))].map(
    (verdict) => `${count(verdict)} ${verdict}`,
  )
  return [
    `Project ${manifest.project}, run ${manifest.runId}, ${manifest.createdAt}. Gates: **${manifest.gates.verdict}**${tally.length === 0 ? '' : ` (${tally.join(', ')})`}.`,
  ]
}

function model({ artifact }: ReleaseManifest): string[] {
  const { inputs, outputs } = artifact.signature
  return [
    `${artifact.format.toUpperCase()}, ${artifact.size} bytes, ${artifact.digest}.`,
    table(
      ['', 'Tensor', 'Type', 'Shape'],
      [...inputs.map(row('input')), ...outputs.map(row('output'))],
    ),
  ]
}

const row = (side: string) => (tensor: ManifestTensor) => [
  side,
  tensor.name,
  tensor.datatype,
  `[${tensor.shape.map((length) => (length === -1 ? 'N' : length)).join(', ')}]`,
]

function trainingData({ datasets }: ReleaseManifest): string[] {
  if (datasets.length === 0) return ['No dataset was declared.']
  return [
    table(
      ['Dataset', 'Version', 'Rows', 'Columns'],
      datasets.map((set) => [
        set.name,
        shortDigest(set.version),
        String(set.rows),
        set.schema.map(({ name }) => name).join(', '),
      ]),
    ),
  ]
}

function parameters({ parameters: values, seed }: ReleaseManifest): string[] {
  const rows = Object.entries(values).map(([name, value]) => [name, JSON.stringify(value)])
  return [table(['Parameter', 'Value'], [...rows, ['seed', String(seed ?? 'none')]])]
}

function evaluation({ checks }: CardRequest): string[] {
  if (checks.length === 0) return ['No checks were recorded.']
  return [
    table(
      ['Gate', 'Check', 'Verdict', 'Observed'],
      checks.map((check) => [check.gate, check.check, check.verdict, check.sentence]),
    ),
  ]
}

function environment({ environment: made, code }: ReleaseManifest): string[] {
  const commit = code.commit ?? 'no commit'
  const authors = code.authors.length === 0 ? '' : ` by ${code.authors.join(', ')}`
  return [
    `Lockstep ${made.lockstep}, Node.js ${made.node}, ${made.platform}. Code: ${commit}${code.dirty ? ' with uncommitted changes' : ''}${authors}.`,
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
  return text.replaceAll('\\', '\\\\').replaceAll('|', '\\|').replaceAll(/\s+/g, ' ').trim()
}
