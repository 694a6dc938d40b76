// Bytes on their way, and what became of a release that moved.
import type {
  PushView,
  ReceivedView,
  RegistryInput,
  VerifyView,
} from '../../api/contract/package-routes.ts'
import type { ProgressView } from '../../api/contract/route.ts'
import { stopwatch } from '../../foundation/system-clock.ts'
import type { Arguments, Call } from '../verb.ts'
import type { Paint } from './paint.ts'
import { indent, plural } from './text.ts'

/** Shows long work as one line: `sending model.onnx  12.0 MiB of 90.0 MiB  13 %  24.1 MiB/s`. */
export function follow({ output, interrupt }: Call): {
  told(progress: ProgressView): void
  readonly signal: AbortSignal
} {
  const elapsed = stopwatch()
  return {
    signal: interrupt,
    told: ({ sentence, done, total, unit }) => {
      if (unit !== 'bytes' || done === null || total === null) return output.progress(sentence)
      const seconds = elapsed() / 1000
      const share = total === 0 ? 100 : Math.floor((100 * done) / total)
      const rate = seconds > 0.2 ? `  ${bytesText(done / seconds)}/s` : ''
      output.progress(`${sentence}  ${bytesText(done)} of ${bytesText(total)}  ${share} %${rate}`)
    },
  }
}

/** `1.2 MiB`. */
export function bytesText(bytes: number): string {
  if (bytes < 1024) return `${Math.round(bytes)} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length, Math.floor(Math.log2(bytes) / 10))
  return `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1]}`
}

/** Where in a registry, with credentials only when both parts were given. */
export function registryOf(args: Arguments, call: Call, registry: string): RegistryInput {
  const { LOCKSTEP_REGISTRY_USER: user, LOCKSTEP_REGISTRY_PASSWORD: password } = call.world.env
  return {
    registry,
    ...(args.flag('insecure') ? { insecure: true } : {}),
    ...(user ? { user } : {}),
    ...(password ? { password } : {}),
  }
}

export function pushedLines(view: PushView, paint: Paint): string[] {
  const { sent, mounted, there } = view.blobs
  const parts = [
    `${plural(sent, 'blob')} sent (${bytesText(view.bytesSent)})`,
    ...(mounted > 0 ? [`${mounted} mounted`] : []),
    `${there} already there`,
    `${plural(view.manifestsSent, 'manifest')} written`,
  ]
  const { release, alias, reference } = view
  const headline = view.isNew
    ? `${paint.good('✓')} release ${release} (${alias}) is at ${paint.strong(reference)}`
    : `${paint.good('✓')} release ${release} (${alias}) was already at ${paint.strong(reference)}`
  return [
    headline,
    ...indent([
      parts.join(', '),
      view.digest,
      ...(view.referrers === 'tag'
        ? ['this registry has no referrers API: signature and evidence are listed under a tag']
        : []),
    ]),
    `next: lockstep verify ${reference}`,
  ]
}

export function receivedLines(view: ReceivedView, paint: Paint): string[] {
  const name = `release ${view.release} (${view.alias})`
  if (!view.isNew) return [`${paint.good('✓')} ${name} is already here; nothing to do`]
  return [
    `${paint.good('✓')} ${paint.strong(name)} came from ${view.from}`,
    ...indent([
      `sealed by project ${view.originalProject}, signed by ${view.signedBy}; every part verifies`,
      view.digest,
    ]),
    `next: lockstep promote ${view.release} --to ENVIRONMENT`,
  ]
}

export function verifiedLines(view: VerifyView, paint: Paint): string[] {
  const width = Math.max(...view.parts.map(({ part }) => part.length))
  const failed = view.parts.filter((part) => !part.ok).length
  return [
    view.subject === view.release
      ? paint.strong(view.release)
      : `${paint.strong(view.release)}  ${view.subject}`,
    ...indent(
      view.parts.map(({ part, ok, because }) =>
        ok
          ? `${paint.good('✓ ok    ')}  ${part.padEnd(width)}  ${paint.quiet(because)}`
          : `${paint.bad('✗ failed')}  ${part.padEnd(width)}  ${because}`,
      ),
    ),
    failed === 0
      ? `${paint.good('✓ verified')}: ${plural(view.parts.length, 'part')}`
      : `${paint.bad('✗ not verified')}: ${failed} of ${plural(view.parts.length, 'part')} failed; do not use it`,
  ]
}
