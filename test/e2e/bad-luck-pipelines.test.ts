// Pipelines that cannot be, steps that break their word, and files that were damaged: said before anything runs where it can be said,
// in one sentence that names the step, and the next good run works.
import {
  chmod,
  copyFile,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { PlanView } from '../../src/api/contract/pipeline-routes.ts'
import type { LogLineView, RunView } from '../../src/api/contract/views.ts'
import { answer, type Ended, leftovers, lockstep } from './lockstep-process.ts'
import { type SmallProject, smallProjects } from './small-project.ts'

const make = smallProjects()
let project: SmallProject
const file = (name: string) => join(project.dir, name)

beforeAll(async () => {
  project = await make()
  await copyFile(file('lockstep.yaml'), file('lockstep.yaml.good'))
  expect((await lockstep(project.dir, 'run')).code).toBe(0)
})

beforeEach(() => copyFile(file('lockstep.yaml.good'), file('lockstep.yaml')))

interface Extra {
  readonly shell?: string
  readonly inputs?: readonly string[]
  readonly outputs?: readonly string[]
  /** Whatever else stands under the step, as YAML in one line. */
  readonly more?: readonly string[]
}

const stepText = (name: string, { shell = 'true', inputs, outputs, more = [] }: Extra) =>
  [
    `  ${name}:`,
    `    shell: ${JSON.stringify(shell)}`,
    `    inputs: ${JSON.stringify(inputs ?? [])}`,
    `    outputs: ${JSON.stringify(outputs ?? [`${name}.txt`])}`,
    ...more.map((line) => `    ${line}`),
    '',
  ].join('\n')

/** The good pipeline, and these steps beside it. */
const withSteps = (steps: Readonly<Record<string, Extra>>) =>
  project.edit('lockstep.yaml', (text) =>
    text.replace(
      'evaluate:',
      `${Object.entries(steps)
        .map(([name, extra]) => stepText(name, extra))
        .join('')}evaluate:`,
    ),
  )

async function refusalOf(steps: Readonly<Record<string, Extra>>): Promise<string> {
  await copyFile(file('lockstep.yaml.good'), file('lockstep.yaml'))
  await withSteps(steps)
  const { code, stderr }: Ended = await lockstep(project.dir, 'plan')
  expect([code, stderr.split('\n')[0]]).toEqual([2, expect.stringMatching(/^error: /)])
  return stderr
}

describe('what cannot be is refused before anything runs', () => {
  test('what a step declares, all of it at once', async () => {
    const said = await refusalOf({
      a: { outputs: ['p/q'] },
      b: { outputs: ['./p//q/'] },
      c: { outputs: ['all'] },
      d: { outputs: ['all/one.txt'] },
      e: { outputs: [`o/\${item}`], more: ['foreach: [x, x/y, "../../x"]'] },
      f: { outputs: ['../x'] },
      g: { outputs: ['/etc/x'] },
      h: { outputs: ['lockstep.yaml'] },
      i: { inputs: ['.lockstep/lockstep.db'] },
    })
    for (const sentence of [
      'steps a and b both write p/q',
      'step d writes all/one.txt inside all, an output of step c; one step must own a folder',
      'writes o/x/y inside o/x, an output of step e@x',
      "o/../../x leaves its folder with '..'",
      "step f: ../x leaves its folder with '..'",
      'step g: /etc/x is absolute',
      'step h: output lockstep.yaml is the file that declares it',
      'step i: input .lockstep/lockstep.db is in a folder Lockstep or git own',
    ])
      expect(said).toContain(sentence)
  })

  test('what copies and pools stand for, with line and column', async () => {
    const numbers = JSON.stringify(Array.from({ length: 10_001 }, (_, number) => number))
    const said = await refusalOf({
      a: { outputs: ['same.txt'], more: ['foreach: [1, 2]'] },
      b: { more: ['resources: {gpu: 1}'] },
      c: { more: [`matrix: {x: ${numbers}}`] },
      d: { shell: `echo \${item}`, outputs: [`d-\${key}`], more: ['foreach: ["; touch x"]'] },
      e: { outputs: [`e-\${itm}`], more: ['foreach: [1]'] },
    })
    for (const sentence of [
      /^lockstep\.yaml:\d+:\d+: pipeline\.a\.outputs\[0\]: a@1 and a@2 would both write same\.txt/m,
      /pipeline\.b\.resources\.gpu: there is no pool 'gpu'/,
      /pipeline\.c: it stands for 10001 steps; at most 10000 are allowed/,
      /the value "; touch x" of \$\{item\} has characters that a shell reads/,
      /\$\{itm\} stands for nothing here; known: \$\{item\}, \$\{key\}/,
    ])
      expect(said).toMatch(sentence)
  })

  test('types, empty maps and times that are none', async () => {
    const said = await refusalOf({
      a: { more: ['foreach: {}'] },
      b: { more: ['matrix: {}'] },
      c: { more: ['seeds: []'] },
      d: { more: ['timeout: 0s'] },
      e: { more: ['secrets: {1A: "env:X"}'] },
      f: { more: ['environment: {python: a.txt, node: b.json}'] },
    })
    for (const sentence of [
      'pipeline.a.foreach: name at least one item',
      'pipeline.b.matrix: name at least one axis',
      'pipeline.c.seeds: must have at least 1 in its list',
      'pipeline.d.timeout: must be longer than nothing',
      'pipeline.e.secrets.1A: write the name of an environment variable',
      'node does not go with what else is here; give one of python, node',
    ])
      expect(said).toContain(sentence)
  })

  test('a circle', async () => {
    expect(await refusalOf({ a: { inputs: ['b.txt'] }, b: { inputs: ['a.txt'] } })).toContain(
      'the steps form a circle, b → a → b: a reads b.txt from b; b reads a.txt from a',
    )
  })

  test('what is not there, and what was probably meant', async () => {
    const said = await refusalOf({
      a: { inputs: ['trian.parquet', 'data/survey/1949.parquet'] },
      b: { more: ['resources: {memory: 900TB}'] },
    })
    expect(said).toContain(
      'trian.parquet is neither in the project nor made by a step; did you mean train.parquet?',
    )
    expect(said).toContain('did you mean data/survey/1994.parquet?')
    expect(said).toMatch(
      /step b asks for .* of memory, but this machine has .*; lower resources\.memory/,
    )
    expect(await refusalOf({ a: { more: ['params: [parms.yaml]'] } })).toContain(
      'the parameter file parms.yaml cannot be read: it does not exist; did you mean params.yaml?',
    )
  })

  test.each([
    ['../elsewhere', /data\.survey\.path: \.\.\/elsewhere leaves the project with '\.\.'/],
    ['/etc', /data\.survey\.path: \/etc is absolute/],
    ['.lockstep', /data\.survey\.path: \.lockstep is a folder Lockstep or git own/],
  ])('a dataset at %s', async (path, sentence) => {
    await project.edit('lockstep.yaml', (text) =>
      text.replace('path: data/survey', `path: ${path}`),
    )
    const { code, stderr } = await lockstep(project.dir, 'plan')
    expect(code).toBe(2)
    expect(stderr).toMatch(sentence)
  })

  test.each([
    ['p.json', '{"a": 1,, "b": 2}', /line 1, column 9/],
    ['p.toml', 'a = 1\na = 2\n', /line 2, column 1: a is given twice/],
    ['p.yaml', 'a: 1\nb: [1\nc: 2\n', /line \d+, column \d+/],
    ['p.yaml', '&a [*a]', /holds itself/],
    ['p.yaml', 'rate: {top: .inf}', /rate\.top is Infinity/],
  ])('a broken %s', async (name, text, sentence) => {
    await writeFile(file(name), text)
    const refused = await refusalOf({ a: { more: [`params: ["${name}"]`] } })
    expect(refused).toMatch(`the parameter file ${name} cannot be read: `)
    expect(refused).toMatch(sentence)
  })

  test('a link that leads out of the project', async () => {
    await symlink('/etc', file('linked'))
    const sentence = /linked is a symbolic link/
    expect(await refusalOf({ a: { inputs: ['linked'] } })).toMatch(sentence)
    expect(await refusalOf({ a: { inputs: ['linked/hostname'] } })).toMatch(sentence)
    await rm(file('linked'))
  })
})

/** The run of the good pipeline and this one step, and what it said. */
async function runWith(
  step: Extra,
  env: Readonly<Record<string, string>> = {},
): Promise<RunView & { code: number }> {
  await withSteps({ a: step })
  const before = Object.keys(env).map((name) => [name, process.env[name]] as const)
  Object.assign(process.env, env)
  try {
    const { code, document } = await answer<RunView>(project.dir, 'run', '--only', 'a')
    return { ...document, code }
  } finally {
    for (const [name, value] of before)
      if (value === undefined) delete process.env[name]
      else process.env[name] = value
  }
}

describe('steps that break their word', () => {
  test.each<[string, Extra, RegExp]>([
    [
      'an output under another name',
      { shell: 'echo 1 > ab.txt' },
      /step a ended well but did not write its output a\.txt; did you mean ab\.txt\?/,
    ],
    ['an empty folder', { shell: 'mkdir -p a.txt' }, /its output folder a\.txt holds no file/],
    [
      'a link out of the work folder',
      { shell: 'ln -s /etc/passwd a.txt' },
      /its output a\.txt is a symbolic link/,
    ],
    [
      'a link inside an output folder',
      { shell: 'mkdir o; ln -s /etc o/e', outputs: ['o'] },
      /o\/e is a symbolic link/,
    ],
    [
      'a folder that is a link, with the output behind it',
      { shell: 'rmdir o; ln -s "$PWD" o; echo 1 > o/f', outputs: ['o/f'] },
      /the folder of its output o\/f is a symbolic link/,
    ],
    ['a pipe', { shell: 'mkfifo a.txt' }, /its output a\.txt is a socket, pipe or device/],
    [
      'no work folder left',
      { shell: 'rm -rf "$PWD"' },
      /step a ended well but removed its working folder/,
    ],
    [
      'too much memory',
      {
        shell: 'node -e "a=[];for(;;)a.push(Buffer.alloc(1e7,1))"',
        more: ['resources: {memory: 200MB}'],
      },
      /it held .* of memory, more than the .* of resources\.memory, and was ended/,
    ],
    [
      'a secret nobody provides',
      { more: ['secrets: {TOKEN: "env:NOT_SET_ANYWHERE"}'] },
      /it needs the secret TOKEN, but the variable NOT_SET_ANYWHERE is not set/,
    ],
    [
      'time after time too slow',
      { shell: 'sleep 30', more: ['timeout: 300ms', 'retries: 1', 'backoff: 10ms'] },
      /it ran longer than its timeout of 300 ms and was ended \(attempt 2 of 2\)/,
    ],
  ])('%s', async (_, step, sentence) => {
    const run = await runWith(step)
    expect(['errored', 'timed_out']).toContain(run.phase)
    expect(run.code).not.toBe(0)
    expect(run.because).toMatch(/^step a: /)
    expect(run.because).toMatch(sentence)
    expect(await leftovers(project.dir)).toEqual([])
  })

  test('a secret that is printed, in one piece, in two and in base64', async () => {
    const secret = 'hunter2-of-the-tests'
    const run = await runWith(
      {
        shell:
          'echo "it is $TOKEN"; printf hunter2-of-; sleep 0.05; echo the-tests; printf %s "$TOKEN" | base64; echo "$TOKEN" >&2; exit 3',
        more: ['secrets: {TOKEN: "env:THE_TOKEN"}'],
      },
      { THE_TOKEN: secret },
    )
    expect(run.because).toContain('it said: ***')
    const logs = await answer<LogLineView[]>(project.dir, 'logs', '--step', 'a')
    expect(logs.document.map(({ line }) => line)).toContain('it is ***')
    const kept = await readdir(file('.lockstep'), { recursive: true, withFileTypes: true })
    const base64 = Buffer.from(secret).toString('base64')
    for (const entry of kept.filter((one) => one.isFile())) {
      const bytes = await readFile(join(entry.parentPath, entry.name), 'latin1')
      expect([entry.name, bytes.includes(secret), bytes.includes(base64)]).toEqual([
        entry.name,
        false,
        false,
      ])
    }
  })
})

describe('files of Lockstep that were damaged', () => {
  const index = () => file('.lockstep/index/files')

  test.each([
    ['empty', Buffer.alloc(0)],
    ['noise', Buffer.from('no index at all\n'.repeat(40))],
    ['zeros', Buffer.alloc(4096)],
  ])('a file index that is %s is made again without a word', async (_, bytes) => {
    await writeFile(index(), bytes)
    const { code, document } = await answer<PlanView>(project.dir, 'plan')
    expect([code, document.steps.map(({ decision }) => decision)]).toEqual([
      0,
      ['hit', 'hit', 'hit'],
    ])
    expect((await readFile(index())).equals(bytes)).toBe(false)
  })

  test('an output of a step that was cut short is made again', async () => {
    await copyFile(file('lockstep.yaml.good'), file('lockstep.yaml'))
    const objects = await readdir(file('.lockstep/objects/sha256'), {
      recursive: true,
      withFileTypes: true,
    })
    for (const object of objects.filter((one) => one.isFile())) {
      const path = join(object.parentPath, object.name)
      if ((await readFile(path)).subarray(0, 4).toString() !== 'PAR1') continue
      await chmod(path, 0o644)
      await truncate(path, 1000)
    }
    const before = await answer<PlanView>(project.dir, 'plan')
    expect(before.document.steps.map(({ because }) => because)).toContain(
      'its known output train.parquet is no longer complete in the content store',
    )
    const { code, document } = await answer<RunView>(project.dir, 'run', '--to', 'train')
    expect([code, document.phase]).toEqual([0, 'succeeded'])
    const after = await answer<PlanView>(project.dir, 'plan', '--to', 'train')
    expect(after.document.runs + after.document.waits).toBe(0)
  })
})
