// What a rebuild found: the level, each output, and every reason that stands in the way of more.
import type { RebuildView } from '../../api/contract/release-routes.ts'
import { shortDigest } from '../../foundation/digest.ts'
import type { Paint } from './paint.ts'
import { columns, indent, table } from './text.ts'
import { took } from './time.ts'
import { releaseName } from './words.ts'

export function rebuildReport(view: RebuildView, paint: Paint): string[] {
  const { release, level, because, outputs, reasons, equivalence } = view
  const tone =
    level === 'R4' || level === 'R3' ? paint.good : view.reproduced ? paint.warn : paint.bad
  return [
    `${tone(level)}  ${paint.strong(releaseName(release))}  ${because}`,
    ...indent(
      columns(
        outputs.map(({ path, recorded, rebuilt, step }) => [
          rebuilt === recorded
            ? paint.good('✓ equal')
            : rebuilt
              ? paint.bad('✗ other')
              : paint.bad('✗ not made'),
          path,
          rebuilt === recorded || !rebuilt
            ? shortDigest(recorded)
            : `${shortDigest(recorded)} → ${shortDigest(rebuilt)}`,
          paint.quiet(step),
        ]),
      ),
    ),
    ...reasons.map(({ code, sentence }) => `${paint.warn(code)}  ${sentence}`),
    ...(equivalence === null ? [] : equivalenceTable(equivalence, paint)),
    paint.quiet(`took ${took(view.tookMs)}; signed report ${shortDigest(view.attestation)}`),
    ...(view.place === null ? [] : [`the clean place is left at ${view.place}`]),
    next(view),
  ]
}

function equivalenceTable(
  { tolerance, metrics }: NonNullable<RebuildView['equivalence']>,
  paint: Paint,
): string[] {
  const short = (value: number | null) => (value === null ? '-' : value.toPrecision(4))
  return indent(
    table(
      ['metric', 'recorded', 'rebuilt', 'difference (90 %)', `within ${tolerance}`, 'method'],
      metrics.map((one) => [
        one.metric,
        short(one.recorded),
        short(one.rebuilt),
        `${short(one.difference)} [${short(one.lower)}, ${short(one.upper)}]`,
        one.equivalent ? paint.good('✓ yes') : paint.bad('✗ not shown'),
        `${one.method}, ${one.rows.toLocaleString('en-US')} rows`,
      ]),
    ),
  )
}

function next({ level, release, times, place }: RebuildView): string {
  if (level === 'R3' || level === 'R4') {
    return times === 1
      ? `next: lockstep rebuild ${release.number} --times 3, because equal once may be luck`
      : `next: lockstep releases ${release.number} --card`
  }
  return place === null
    ? `next: lockstep rebuild ${release.number} --keep, to look at the files`
    : 'next: remove the cause, then lockstep run'
}
