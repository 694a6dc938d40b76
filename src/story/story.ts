// The quickstart: the whole loop on real data, played by real processes. Each chapter must end as it should.
import { sentenceOf } from '../foundation/errors.ts'
import { stopwatch } from '../foundation/system-clock.ts'
import { firstRelease, unfairCandidate } from './build-chapters.ts'
import { closingBoard } from './closing-chapter.ts'
import { badRelease, controlKilled, firstRollout } from './delivery-chapters.ts'
import { worldChanges } from './drift-chapter.ts'
import { showRelease } from './release-chapter.ts'
import type { StorySummary, StoryWorld } from './story-world.ts'

export function emptySummary(): StorySummary {
  return {
    ok: false,
    chapters: [],
    releases: [],
    blocked: [],
    rebuilt: null,
    verifiedParts: 0,
    requests: null,
    badCanary: null,
    controlKilled: null,
    drift: null,
    dora: null,
    audit: null,
    seconds: 0,
  }
}

/** True when every chapter ended as it should; a chapter that breaks ends the story. */
export async function playStory(world: StoryWorld): Promise<boolean> {
  const { narrator, summary } = world
  const total = stopwatch()
  let number = 0
  let allOk = true
  const chapter = async <T>(title: string, play: () => Promise<T>): Promise<T> => {
    const elapsed = stopwatch()
    const record = { number: ++number, title, ok: true, seconds: 0 }
    summary.chapters.push(record)
    narrator.chapter(record.number, title)
    const watched = world.narrator.check
    const failed: string[] = []
    Object.assign(world.narrator, {
      check: (sentence: string, holds: boolean) => {
        if (!holds) failed.push(sentence)
        return watched(sentence, holds)
      },
    })
    try {
      return await play()
    } catch (error) {
      failed.push(sentenceOf(error))
      narrator.say(`the story stops here: ${sentenceOf(error)}`)
      throw error
    } finally {
      Object.assign(world.narrator, { check: watched })
      record.ok = failed.length === 0
      record.seconds = Number((elapsed() / 1000).toFixed(1))
      allOk &&= record.ok
    }
  }
  try {
    const first = await chapter('A run: validate, train, evaluate, package', () =>
      firstRelease(world),
    )
    await chapter('Gates pass: release 1, which can be rebuilt and carried away', () =>
      showRelease(world, first),
    )
    await chapter('Continuous deployment to staging, continuous delivery to production', () =>
      firstRollout(world, first),
    )
    await chapter('A more accurate model that is unfair', () => unfairCandidate(world))
    const bad = await chapter('A release that passes every test and fails in the world', () =>
      badRelease(world),
    )
    const good = await chapter('The control plane is killed in the middle of a canary', () =>
      controlKilled(world, bad),
    )
    await chapter('The world changes', () => worldChanges(world, good))
    await chapter('The board', () => closingBoard(world, bad.number))
  } catch {
    allOk = false
  }
  summary.seconds = Number((total() / 1000).toFixed(1))
  summary.ok = allOk
  return allOk
}
