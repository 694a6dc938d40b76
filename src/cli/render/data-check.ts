// The answer of `data check`: what does not hold first, with a few of the rows at fault.
import type { CheckView } from '../../api/contract/views.ts'
import type { DataCheckView } from '../world.ts'
import type { Paint } from './paint.ts'
import { plural } from './text.ts'
import { verdictWord } from './words.ts'

const worstFirst: readonly CheckView['verdict'][] = [
  'fail',
  'error',
  'insufficient',
  'warn',
  'waived',
  'pass',
  'skipped',
]

export function checkedLines({ checks }: DataCheckView, paint: Paint): string[] {
  const lines = worstFirst.flatMap((verdict) =>
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
