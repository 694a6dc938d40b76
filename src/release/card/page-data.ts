// What the model was made from and what it takes: datasets, the reference that live traffic is compared with, tensors, parameters.
import { type CardRequest, parameterRows, shapeText } from './card-request.ts'
import { type Html, html, nothing } from './html.ts'
import { bytesText, grouped, shareText, shortNumber } from './numbers.ts'
import { digest, factList, section, tableOf } from './page-parts.ts'
import { sparkline } from './plots.ts'
import type { ColumnFacts, ProfileFacts } from './profile-facts.ts'

export function dataSection({ manifest, facts }: CardRequest): Html {
  const sets = manifest.datasets.map(
    (set) => html`<h3>${set.name}</h3>
${factList([
  ['Rows', grouped(set.rows)],
  ['Version', digest(set.version)],
  [
    'Columns',
    html`${set.schema.map(({ name, type }, at) => html`${at > 0 && ', '}${name} <span class="quiet">${type.toLowerCase()}</span>`)}`,
  ],
])}`,
  )
  return section(
    'data',
    'Data',
    html`${manifest.datasets.length === 0 ? html`<p class="quiet">No dataset was declared.</p>` : sets}
${facts.profile ? reference(facts.profile) : nothing}`,
  )
}

function reference({ rows, columns }: ProfileFacts): Html {
  const numbers = columns.filter((column) => column.kind === 'numeric')
  const categories = columns.filter((column) => column.kind === 'category')
  return html`<h3>Drift reference</h3>
<p class="quiet">The model's inputs and its score on ${grouped(rows)} holdout rows: live traffic is compared with this. Histograms run from the 1 % to the 99 % quantile.</p>
${
  numbers.length > 0 &&
  tableOf(
    [
      { title: 'Number' },
      { title: 'Distribution' },
      ...['Missing', 'Mean', 'Deviation', 'Min', '5 %', 'Median', '95 %', 'Max'].map((title) => ({
        title,
        isNumber: true,
      })),
    ],
    numbers.map(numberRow),
  )
}
${
  categories.length > 0 &&
  tableOf(
    [
      { title: 'Category' },
      { title: 'Missing', isNumber: true },
      { title: 'Values', isWords: true },
    ],
    categories.map(categoryRow),
  )
}`
}

function numberRow(column: ColumnFacts & { readonly kind: 'numeric' }): (Html | string)[] {
  const { name, missing, mean, std, min, max, quantiles, shape } = column
  const [low = null, , middle = null, , high = null] = quantiles
  return [
    name,
    sparkline(shape, `Distribution of ${name}`),
    grouped(missing),
    ...[mean, std, min, low, middle, high, max].map(shortNumber),
  ]
}

function categoryRow(column: ColumnFacts & { readonly kind: 'category' }): (Html | string)[] {
  const shares = column.shares.map(
    ({ value, share }) => html`<li>${value} <b>${shareText(share)}</b></li>`,
  )
  const more = column.left > 0 ? html`<li><b>and ${column.left} more</b></li>` : nothing
  return [column.name, grouped(column.missing), html`<ul class="shares">${shares}${more}</ul>`]
}

export function modelSection({ manifest }: CardRequest): Html {
  const { artifact } = manifest
  const { inputs, outputs } = artifact.signature
  const row = (side: string) => (tensor: (typeof inputs)[number]) => [
    ...[tensor.name, side, tensor.datatype],
    shapeText(tensor.shape),
  ]
  return section(
    'model',
    'Model',
    html`${factList([
      [
        'File',
        html`<code>${artifact.path}</code>, ${artifact.format.toUpperCase()}, ${bytesText(artifact.size)}`,
      ],
      ['Digest', digest(artifact.digest)],
    ])}
<h3>Inputs and outputs</h3>
${tableOf([{ title: 'Tensor' }, { title: 'Side' }, { title: 'Type' }, { title: 'Shape' }], [...inputs.map(row('input')), ...outputs.map(row('output'))])}
<h3>Parameters</h3>
${tableOf(
  [{ title: 'Parameter' }, { title: 'Value', isWords: true }],
  parameterRows(manifest).map(([name, value]) => [html`<code>${name}</code>`, value]),
)}`,
  )
}
