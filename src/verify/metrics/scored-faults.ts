// What makes rows unfit for any metric: labels outside the task, weights that are none, columns of another length. A metric
// of such rows would be a number about nothing.
import type { Scored } from './scored.ts'

/** Why these rows cannot be judged, naming the first bad row (counted from 0); undefined when they can. */
export function faultOfRows(scored: Scored): string | undefined {
  return faultOfLabels(scored) ?? faultOfWeights(scored) ?? faultOfLengths(scored)
}

function faultOfLabels(scored: Scored): string | undefined {
  const says = (row: number, allowed: string) =>
    row < 0 ? undefined : `row ${row} has the label ${scored.labels[row]}; ${allowed}`
  switch (scored.task) {
    case 'binary':
      return says(
        scored.labels.findIndex((label) => label > 1),
        'labels are 0 or 1',
      )
    case 'multiclass':
      return says(
        scored.labels.findIndex((label) => label >= scored.classes.length),
        `there are ${scored.classes.length} classes, numbered from 0`,
      )
    case 'regression':
      return says(
        scored.labels.findIndex((label) => !Number.isFinite(label)),
        'labels are numbers',
      )
    case 'ranking':
      return says(
        scored.labels.findIndex((label) => !(label >= 0 && Number.isFinite(label))),
        'relevance is 0 or more',
      )
  }
}

function faultOfWeights({ weights, labels }: Scored): string | undefined {
  if (weights === undefined) return undefined
  if (weights.length !== labels.length) {
    return `${weights.length} weights do not match ${labels.length} rows`
  }
  const row = weights.findIndex((weight) => !(weight >= 0 && Number.isFinite(weight)))
  if (row >= 0) return `row ${row} has the weight ${weights[row]}; weights are 0 or more`
  if (labels.length > 0 && weights.every((weight) => weight === 0)) return 'every row weighs 0'
  return undefined
}

function faultOfLengths(scored: Scored): string | undefined {
  const rows = scored.labels.length
  const columns = {
    entities: scored.clusters,
    'keys of entities': scored.clusterKeys,
    'keys of rows': scored.rowKeys,
    'blocks of time': scored.blocks,
    queries: scored.task === 'ranking' ? scored.queries : undefined,
  }
  for (const [name, column] of Object.entries(columns)) {
    if (column !== undefined && column.length !== rows) {
      return `${column.length} ${name} do not match ${rows} rows`
    }
  }
  return undefined
}
