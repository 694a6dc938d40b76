// `npm run quickstart`: sets the stage, plays the story, then keeps serving - or ends and leaves nothing running.
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { sentenceOf } from '../foundation/errors.ts'
import { systemClock } from '../foundation/system-clock.ts'
import { createNarrator } from '../story/narrator.ts'
import { setStage } from '../story/stage.ts'
import { emptySummary, playStory } from '../story/story.ts'
import type { StoryWorld } from '../story/story-world.ts'
import { lockstepCommand, packageDir } from './package-info.ts'

const { values: options } = parseArgs({
  options: {
    once: { type: 'boolean' },
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    dir: { type: 'string' },
  },
})
if (options.help) {
  process.stdout.write(
    'npm run quickstart            the whole loop on real data, then keep serving\nnpm run quickstart -- --once  end when the story ends\n  --json                      one summary document on standard output\n  --dir FOLDER                where to play (default .quickstart/income)\n',
  )
  process.exit(0)
}
const interrupted = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => interrupted.abort())
process.exit(await play())

async function play(): Promise<number> {
  const json = options.json === true
  const color = process.stdout.isTTY === true && !process.env.NO_COLOR
  const narrator = createNarrator(process.stdout, json ? 'quiet' : 'loud', color)
  const summary = emptySummary()
  const dir = options.dir ?? join(packageDir, '.quickstart', 'income')
  narrator.say(`Lockstep quickstart: the whole loop on real data, in ${dir}`)
  let stage: Awaited<ReturnType<typeof setStage>> | undefined
  try {
    stage = await setStage({ dir, lockstepCommand, env: process.env, clock: systemClock })
    narrator.command('lockstep init && lockstep up')
    await stage.up()
    const world: StoryWorld = {
      stage,
      narrator,
      clock: systemClock,
      stop: interrupted.signal,
      summary,
      traffic: null,
    }
    const ok = await playStory(world)
    await world.traffic?.stop()
    if (!options.once && ok && !interrupted.signal.aborted) await keepServing(stage.ports, dir)
    return interrupted.signal.aborted ? (ok ? 0 : 130) : ok ? 0 : 1
  } catch (error) {
    const stopped = interrupted.signal.aborted
    process.stderr.write(
      `quickstart: ${stopped ? 'stopped; nothing is left running' : sentenceOf(error)}\n`,
    )
    return stopped ? 130 : 1
  } finally {
    await stage?.down()
    if (json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`)
  }
}

async function keepServing(
  ports: { readonly control: number; readonly production: number },
  dir: string,
): Promise<void> {
  const lines = [
    '',
    'Still serving. Try, in another terminal:',
    `  cd ${dir}`,
    '  npx lockstep status            what serves where, and who waits for what',
    '  npx lockstep releases          every release and what became of it',
    '  npx lockstep why 2 production  why release 2 was taken back',
    '  npx lockstep rollback production --because "just trying"',
    '  npx lockstep events            the audit trail',
    `  curl http://127.0.0.1:${ports.production}/v2/models/income`,
    '',
    'Ctrl-C stops everything.',
  ]
  process.stdout.write(`${lines.join('\n')}\n`)
  await new Promise<void>((resolve) => {
    if (interrupted.signal.aborted) resolve()
    interrupted.signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
