// The figures of a model that is not one of two classes as rows of Markdown tables, for a card without pictures.
import type { GroupPanelFacts } from './group-facts.ts'
import { panelCell } from './group-tables.ts'
import type { Share } from './multiclass-figures.ts'
import { grouped, intervalText, metricText, shortNumber } from './numbers.ts'
import type { TaskFigures } from './task-facts.ts'

export interface PlainTable {
  readonly title: string
  readonly head: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export function figureTables(figures: TaskFigures): readonly PlainTable[] {
  switch (figures.task) {
    case 'multiclass':
      return [
        {
          title: 'By class',
          head: ['Class', 'Rows', 'Recall', 'Precision'],
          rows: figures.perClass.map(({ name, rows, recall, precision }) => [
            ...[name, grouped(rows), shareCell(recall), shareCell(precision)],
          ]),
        },
        {
          title: 'True class (down) and answer (across)',
          head: ['', ...figures.classes],
          rows: figures.confusion.map((counts, at) => [
            figures.classes[at] ?? '',
            ...counts.map(grouped),
          ]),
        },
      ]
    case 'regression':
      return [
        {
          title: 'By rising prediction',
          head: ['Predictions', 'Rows', 'Mean absolute error', 'Mean error'],
          rows: figures.deciles.map(({ from, to, rows, mae, lower, upper, bias }) => [
            ...[`${shortNumber(from)} to ${shortNumber(to)}`, grouped(rows)],
            ...[`${metricText(mae)} (${intervalText(lower, upper)})`, metricText(bias)],
          ]),
        },
      ]
    case 'ranking':
      return []
  }
}

export function panelTable({ by, groups }: GroupPanelFacts): PlainTable {
  const metrics = groups[0]?.metrics ?? []
  return {
    title: `By ${by}`,
    head: ['Group', 'Rows', ...metrics.map(({ words }) => words)],
    rows: groups.map((group) => [
      ...[group.group, grouped(group.rows)],
      ...group.metrics.map(panelCell),
    ]),
  }
}

function shareCell({ estimate, lower, upper }: Share): string {
  return estimate === null
    ? metricText(null)
    : `${metricText(estimate)} (${intervalText(lower, upper)})`
}
