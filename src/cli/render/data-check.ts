// The answer of `data check`: what does not hold first, with a few of the rows at fault.
import type { DataCheckView } from '../world.ts'
import type { Paint } from './paint.ts'
import { plural } from './text.ts'
import { verdictsWorstFirst, verdictWord } from './words.ts'

export function checkedLines({ checks }: DataCheckView, paint: Paint): string[] {
  const lines = verdictsWorstFirst.flatMap((verdict) =>
    checks
      .filter((one) => one.verdict === verdict)
      .flatMap((one) => [
        `${verdictWord(verdict, paint)}  ${paint.strong(one.check)}`,
        `    ${paint.quiet(one.because)}`,
        ...one.examples.map((example) => `    ${paint.quiet(exampleLine(example))}`),
      ]),
  )
  const held = checks.filter(({ verdict }) => verdict === 'pass').length
  return [...lines, `${held} of ${plural(checks.length, 'check')} passed`]
}

function exampleLine({ row, values }: DataCheckView['checks'][number]['examples'][number]): string {
  const shown = Object.entries(values).map(([name, value]) => `${name} = ${value}`)
  return `row ${row}${shown.length > 0 ? `: ${shown.join(', ')}` : ''}`
}
