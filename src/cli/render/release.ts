// Releases: one line each, and one in full.
import type { ReleaseView } from '../../api/contract/views.ts'
import { shortDigest } from '../../foundation/digest.ts'
import type { Paint } from './paint.ts'
import { indent, table } from './text.ts'
import { ago } from './time.ts'
import { phaseWord, releaseName } from './words.ts'

export function releaseTable(
  releases: readonly ReleaseView[],
  paint: Paint,
  now: number,
): string[] {
  const metrics = [...new Set(releases.flatMap((release) => Object.keys(release.metrics)))].slice(
    0,
    2,
  )
  return table(
    ['release', 'phase', 'sealed', 'run', 'model', ...metrics, 'environments'],
    releases.map((release) => [
      `${release.number} ${release.alias}`,
      phaseWord(release.phase, paint),
      ago(release.sealedAt, now),
      release.runNumber === null ? '-' : String(release.runNumber),
      shortDigest(release.modelDigest),
      ...metrics.map((metric) => metricText(release.metrics[metric])),
      placesOf(release),
    ]),
  )
}

export function releaseReport(release: ReleaseView, paint: Paint, now: number): string[] {
  const metrics = Object.entries(release.metrics).map(
    ([name, value]) => `${name} ${metricText(value)}`,
  )
  return [
    `${paint.strong(releaseName(release))}  ${phaseWord(release.phase, paint)}  ${paint.quiet(release.id)}`,
    ...indent([
      `sealed ${ago(release.sealedAt, now)} ${release.runNumber === null ? 'elsewhere, received here' : `from run ${release.runNumber}`}${release.commit ? `, commit ${release.commit.slice(0, 12)}` : ''}`,
      `release ${release.digest}`,
      `model   ${release.modelDigest}`,
      ...(metrics.length > 0 ? [metrics.join(', ')] : []),
      ...(release.undecided === null
        ? []
        : [paint.warn(`a person decides, because its gates left open: ${release.undecided}`)]),
      ...(release.waivedBy.length === 0
        ? []
        : [paint.warn(`rests on a waiver of ${release.waivedBy.join(', ')}`)]),
      `environments: ${placesOf(release)}`,
    ]),
  ]
}

function placesOf(release: ReleaseView): string {
  const places = Object.entries(release.environments).map(
    ([name, what]) => `${name}: ${what.replaceAll('_', ' ')}`,
  )
  return places.length > 0 ? places.join(', ') : 'none yet'
}

function metricText(value: number | undefined): string {
  if (value === undefined) return '-'
  return Number.isInteger(value) ? value.toLocaleString('en-US') : value.toPrecision(4)
}
