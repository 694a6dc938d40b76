// A translated contract as the text of one dataset of lockstep.yaml, or of its `schema:` and `checks:` alone. Pure.
import { Document, isMap, isSeq } from 'yaml'
import type { OdcsDataset } from './odcs.ts'

export interface WrittenDataset {
  readonly name: string
  /** Where the data is; null when a person must say. */
  readonly path: string | null
}

export function odcsText(dataset: OdcsDataset, { name, path }: WrittenDataset): string {
  const { schema, checks } = dataset
  const document = new Document({
    data: {
      [name]: {
        path: path ?? 'CHECK',
        schema,
        ...(checks.length > 0 ? { checks: checks.map(plainCheck) } : {}),
      },
    },
  })
  document.commentBefore = ` From the data contract's object ${dataset.object}.${path === null ? ' CHECK: where the data is.' : ''}`
  const columns = document.getIn(['data', name, 'schema'])
  if (isMap(columns))
    for (const pair of columns.items) if (isMap(pair.value)) pair.value.flow = true
  const listed = document.getIn(['data', name, 'checks'])
  if (isSeq(listed))
    for (const item of listed.items) {
      if (!isMap(item)) continue
      for (const pair of item.items) if (isMap(pair.value)) pair.value.flow = true
    }
  return document.toString({ lineWidth: 0 })
}

/** A line without options stands as text. */
function plainCheck(check: OdcsDataset['checks'][number]): unknown {
  if (typeof check === 'string' || 'sql' in check) return check
  const [entry] = Object.entries(check)
  if (entry === undefined) return check
  const [line, options] = entry
  return typeof options === 'object' && options !== null && Object.keys(options).length === 0
    ? line
    : check
}
