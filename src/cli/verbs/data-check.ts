// `lockstep data check`: assertions about data files, answered over all their rows; for a shell, a hook or a pipeline.
import { resolve } from 'node:path'
import { exitCodes } from '../exit-codes.ts'
import { checkedLines } from '../render/data-check.ts'
import type { Call, Verb } from '../verb.ts'
import type { DataCheckRequest, DataCheckView } from '../world.ts'

export const dataCheck: Verb = {
  args: [['[files...]', 'files, folders or globs of Parquet, CSV or JSON, or an http address']],
  options: [
    ['--checks <lines...>', 'assertions, each in quotes'],
    ['--list <file>', 'a YAML or JSON list of assertions'],
    ['--dataset <name>', 'a dataset of the project: its checks, and its files when none are given'],
    ['--label <column>', 'what is predicted'],
    ['--key <columns>', 'the columns that tell rows apart, with commas'],
    ['--time <column>', 'when a row happened'],
    ['--redact', 'show no values of rows'],
    ['--threads <number>', 'default: one per core'],
    ['--memory <amount>', 'beyond it the disk is used (default: 512MB)'],
  ],
  notes: `Exit codes: 0 everything holds, ${exitCodes.refusedByGate} something does not, ${exitCodes.insufficient} not enough to say, ${exitCodes.failed} a check could not be answered.`,
  examples: [
    ["data check people.csv --checks 'rows > 10' 'age between 0 and 120'", 'two assertions'],
    ["data check 'data/*.parquet' --list checks.yaml", 'a list of them'],
    ['data check --dataset survey', 'what lockstep.yaml says about a dataset'],
  ],
  run: async (call) => {
    const view = await call.world.checkData(requestOf(call))
    call.output.document(view)
    call.output.print(...checkedLines(view, call.output.paint))
    return exitCodeOf(view)
  },
}

function requestOf({ args, world, projectDir, interrupt }: Call): DataCheckRequest {
  const name = args.text('dataset')
  if (args.words.length === 0 && name === undefined)
    throw args.usage('say what to check: a FILE, or --dataset NAME')
  const place = (path: string) => (/^https?:/i.test(path) ? path : resolve(world.cwd, path))
  const list = args.text('list')
  const key = args.list('key')
  const label = args.text('label')
  const time = args.text('time')
  const threads = args.number('threads')
  const memory = args.text('memory')
  return {
    files: args.words.map(place),
    checks: args.texts('checks'),
    redact: args.flag('redact'),
    signal: interrupt,
    ...(list === undefined ? {} : { list: resolve(world.cwd, list) }),
    ...(name === undefined ? {} : { dataset: { projectDir, name } }),
    ...(key === undefined ? {} : { key }),
    ...(label === undefined ? {} : { label }),
    ...(time === undefined ? {} : { time }),
    ...(threads === undefined ? {} : { threads }),
    ...(memory === undefined ? {} : { memory }),
  }
}

function exitCodeOf({ verdict }: DataCheckView): number {
  if (verdict === 'fail') return exitCodes.refusedByGate
  if (verdict === 'error') return exitCodes.failed
  return verdict === 'insufficient' ? exitCodes.insufficient : exitCodes.done
}
