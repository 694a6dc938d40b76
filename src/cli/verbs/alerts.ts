// `lockstep alerts`: what the monitors found, the retraining it caused, and what each monitor sees now.
import { indent, table } from '../render/text.ts'
import { ago } from '../render/time.ts'
import { phaseWord } from '../render/words.ts'
import type { Verb } from '../verb.ts'

export const alerts: Verb = {
  examples: [
    ['alerts', 'alerts, monitors and what they triggered'],
    ['alerts --json | jq .alerts', 'for a script'],
  ],
  run: async (call) => {
    const { output, world } = call
    const { paint } = output
    const now = world.clock.now()
    const { api } = await call.connect('read')
    const [found, monitors, firings] = await Promise.all([
      api.alerts(),
      api.monitors(),
      api.firings(),
    ])
    output.document({ alerts: found, monitors, firings })
    for (const alert of found) {
      output.print(
        `${phaseWord(alert.phase, paint)}  ${paint.strong(alert.monitor)} in ${alert.environment}, ${ago(alert.firedAt, now)}  ${paint.quiet(alert.id)}`,
        ...indent([`because ${alert.because}`, ...alert.causes.map((cause) => `- ${cause}`)]),
      )
    }
    if (found.length === 0) output.print('no alert')
    const looks = monitors.map((monitor) => [
      monitor.name,
      monitor.environment,
      phaseWord(monitor.phase, paint),
      monitor.rows,
      ago(monitor.lookedAt, now),
      monitor.because,
    ])
    if (looks.length > 0) {
      output.print(
        '',
        ...table(['monitor', 'environment', 'phase', 'rows', 'looked', 'because'], looks),
      )
    }
    const fired = firings.map((firing) => [
      firing.trigger,
      phaseWord(firing.phase, paint),
      ago(firing.at, now),
      firing.runId,
      firing.because,
    ])
    if (fired.length > 0)
      output.print('', ...table(['trigger', 'phase', 'when', 'run', 'because'], fired))
    const [first] = found
    output.print('', first ? `next: lockstep why alert ${first.id}` : 'next: lockstep status')
    return 0
  },
}
