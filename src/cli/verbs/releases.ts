// `lockstep releases`: the releases, newest first; with a number, one in full, its card, or its manifest.
import { releaseReport, releaseTable } from '../render/release.ts'
import type { Verb } from '../verb.ts'

export const releases: Verb = {
  args: [['[release]', 'a release number or id: show that one in full']],
  options: [
    ['--card', 'print its model card (Markdown)'],
    ['--manifest', 'print its manifest (JSON)'],
  ],
  examples: [
    ['releases', 'all of them, and where each one serves'],
    ['releases 2', 'digests, metrics and environments of release 2'],
    ['releases 2 --card > CARD.md', 'its model card'],
  ],
  run: async (call) => {
    const { output, args, world } = call
    const asked = args.at(0)
    const { api } = await call.connect('read')
    if (asked === undefined) {
      if (args.flag('card') || args.flag('manifest'))
        throw args.usage('say which release: lockstep releases NUMBER')
      const all = await api.releases()
      output.document(all)
      output.print(...releaseTable(all, output.paint, world.clock.now()))
      if (all.length === 0)
        output.print('no release yet: a run whose gates pass makes one', 'next: lockstep run')
      return 0
    }
    const release = await api.release(asked)
    output.document(release)
    if (args.flag('card')) output.print(release.card.trimEnd())
    else if (args.flag('manifest')) output.print(JSON.stringify(release.manifest, null, 2))
    else {
      output.print(
        ...releaseReport(release, output.paint, world.clock.now()),
        `next: lockstep promote ${release.number} --to ENVIRONMENT`,
      )
    }
    return 0
  },
}
