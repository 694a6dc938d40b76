// Bad input, as `lockstep run` and `lockstep data check` meet it: a sentence that names what is wrong and where, never a pass, and the
// next good run works as if nothing had been.
import { cp, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { RunView } from '../../src/api/contract/views.ts'
import { answer, leftovers, lockstep } from './lockstep-process.ts'
import { type SmallProject, smallProjects } from './small-project.ts'

const make = smallProjects()
let project: SmallProject
const file = (name: string) => join(project.dir, name)

beforeAll(async () => {
  project = await make()
  await project.edit('lockstep.yaml', (text) => text.replace(/ {2}readiness: .*\n/, ''))
  await cp(file('lockstep.yaml'), file('lockstep.yaml.good'))
  await cp(file('data'), file('data.good'), { recursive: true })
  expect((await lockstep(project.dir, 'run')).code).toBe(0)
})

afterEach(async () => {
  expect(await leftovers(project.dir)).toEqual([])
  expect(await readdir(file('.lockstep/work')).catch(() => [])).toEqual([])
  await cp(file('lockstep.yaml.good'), file('lockstep.yaml'))
  await rm(file('data'), { recursive: true })
  await cp(file('data.good'), file('data'), { recursive: true })
})

/** Nothing was lost by any of it: what was known is still known. */
afterAll(async () => {
  const { code, document } = await answer<RunView>(project.dir, 'run')
  expect([code, document.phase]).toEqual([0, 'unchanged'])
  expect((await lockstep(project.dir, 'audit')).code).toBe(0)
})

const rows = (line: (at: number) => string) => Array.from({ length: 50 }, (_, at) => line(at))
const table = (head: string, line: (at: number) => string) => [head, ...rows(line), ''].join('\n')
const plain = (at: number) => `${at},${at % 90},${at % 2}`

const badFiles: [string, string | Buffer, RegExp][] = [
  ['empty.csv', '', /empty\.csv is empty: it has not even a header/],
  ['wrong.csv', table('a;b;y', (at) => `${at};${at};1`), /"a;b;y" is one column with ; in it/],
  ['twice.csv', table('age,age,y', plain), /it names the column age twice/],
  ['ragged.csv', `${table('a,b,y', plain)}1,2,3,4,5\n`, /ragged\.csv cannot be read: line \d+/],
  [
    'encoding.csv',
    Buffer.from(
      table('a,b,y', (at) => `caf\xe9${at},1,1`),
      'latin1',
    ),
    /encoding\.csv cannot be read: .*not utf-8 encoded/,
  ],
  [
    'huge.csv',
    `a,b,y\n${'x'.repeat(3e6)},1,1\n`,
    /huge\.csv cannot be read: line \d+: Maximum line/,
  ],
  ['cut.parquet', Buffer.from('PAR1 and then nothing'), /cut\.parquet cannot be read: its end is/],
]

describe('a data file that is none', () => {
  test.each(badFiles)('%s, before anything is trained on it', async (name, bytes, sentence) => {
    await rm(file('data/survey/1994.parquet'))
    await writeFile(file(`data/survey/${name}`), bytes)
    const { code, document } = await answer<RunView>(project.dir, 'run')
    expect([code, document.phase]).toEqual([1, 'errored'])
    expect(document.because).toMatch(sentence)
    const verdicts = document.gates.flatMap(({ checks }) => checks.map(({ verdict }) => verdict))
    expect(verdicts).toEqual(['error', 'error', 'error'])
    expect(document.steps.filter(({ verdict }) => verdict === 'ran')).toEqual([])
    const by = await lockstep(
      project.dir,
      ...['data', 'check', `data/survey/${name}`, '--checks', 'rows >= 1', 'missing(a) <= 100%'],
    )
    expect([by.code, by.stdout]).toEqual([1, expect.stringMatching(sentence)])
    expect(by.stdout).toContain('0 of 2 checks passed')
  })

  test('a folder without any, and one of two kinds', async () => {
    await cp(file('lockstep.yaml'), file('data/survey/notes.csv'))
    const two = await answer<RunView>(project.dir, 'run')
    expect(two.document.because).toMatch(/are of different kinds/)
    await rm(file('data/survey'), { recursive: true })
    const none = await answer<RunView>(project.dir, 'run')
    expect([none.code, none.document.because]).toEqual([
      1,
      expect.stringContaining('dataset survey has no files: nothing is at data/survey'),
    ])
  })
})

const check = (name: string, lines: readonly string[], ...more: string[]) =>
  lockstep(project.dir, 'data', 'check', name, '--checks', ...lines, ...more)

describe('values that say nothing', () => {
  test.each<[string, string, string, number, RegExp]>([
    ['no rows', 'a,b,y\n', 'a between 0 and 1', 10, /^\? insufficient/],
    ['no rows to average', 'a,b,y\n', 'mean(a) <= 1', 10, /^\? insufficient/],
    ['nothing but missing values', table('a,y', (at) => `,${at}`), 'mean(a) <= 1', 10, /^\? insuf/],
    ['one row has no spread', 'a,y\n1,1\n', 'stdev(a) <= 9', 10, /one value has none/],
    [
      'an infinity in a sum',
      table('a,y', (at) => `${at === 7 ? 'inf' : at},1`),
      'mean(a) <= 1e9',
      1,
      /^✗ error .*\n.*1 of 50 values are no finite number/,
    ],
    ['a column that is not there', 'age,y\n1,1\n', 'missing(agee) = 0', 1, /did you mean age\?/],
    ['a check that is none', 'age,y\n1,1\n', 'uniqe(age)', 1, /Did you mean unique\?/],
    ['a metric of a model', 'age,y\n1,1\n', 'roc_auc >= 0.8', 1, /put it under gates/],
  ])('%s', async (_, text, line, code, sentence) => {
    await writeFile(file('odd.csv'), text)
    const checked = await check('odd.csv', [line])
    expect([checked.code, checked.stdout]).toEqual([code, expect.stringMatching(sentence)])
    expect(checked.stdout).toMatch(/0 of 1 checks? passed/)
  })

  test('SQL that writes, reads elsewhere or never ends is an error each, and the rest is answered', async () => {
    const sql = [
      ['create table x as select 1', /it does more than read/],
      ["copy (select 1) to 'evil.csv'", /it does more than read/],
      ['select 1; drop table this', /it has 2 statements/],
      ["select * from read_csv('/etc/passwd')", /file system operations are disabled/],
      ['select * from this wher a', /syntax error at or near/],
      [
        'with recursive t as (select 1 as n union all select n + 1 from t) select n from t',
        /was stopped after 1\.0 s/,
      ],
    ] as const
    await writeFile(file('odd.csv'), table('a,b,y', plain))
    const list = [
      ...sql.map(([one], at) => ({ sql: one, name: `n${at}`, expect: '0 rows', timeout: '1s' })),
      'rows = 50',
    ]
    await writeFile(file('list.json'), JSON.stringify(list))
    const { code, stdout } = await lockstep(
      project.dir,
      ...['data', 'check', 'odd.csv', '--list', 'list.json'],
    )
    expect(code).toBe(1)
    for (const [, sentence] of sql) expect(stdout).toMatch(sentence)
    expect(stdout.match(/✗ error/g)).toHaveLength(sql.length)
    expect(stdout).toContain('1 of 7 checks passed')
    expect((await readdir(project.dir)).includes('evil.csv')).toBe(false)
  })
})

const select = `run: lockstep data select --from data/survey --where "split = 'holdout'" --out holdout.parquet`

describe('what a model cannot be judged on', () => {
  test.each<[string, string | RegExp, string, RegExp]>([
    ['a holdout without rows', "split = 'holdout'", "split = 'x'", /holdout\.parquet has no rows/],
    [
      'a holdout cut short',
      select,
      'shell: head -c 900 data/survey/* > holdout.parquet',
      /its end is/,
    ],
    [
      'a label that is not there',
      'label: income_over_50k, threshold',
      'label: incom_over_50k, threshold',
      /no column 'incom_over_50k', which evaluate\.label names.*did you mean 'income_over_50k'\?/,
    ],
    [
      'labels outside the classes',
      'label: income_over_50k, threshold',
      'label: weeks_worked, threshold',
      /the label weeks_worked of the holdout .* is \d+ in row \d+; allowed are 0 and 1/,
    ],
    ['a group that is not there', '[sex]', '[sexx]', /no column 'sexx'.*did you mean 'sex'\?/],
    [
      'a slice that is not there',
      'quality: [',
      'quality: [{recall >= 0.1: {each: ["sexx = Male"]}}, ',
      /there is no column sexx\. Did you mean sex\?/,
    ],
    [
      'predictions of other rows',
      /train:\n(.*\n)*?evaluate: \{/,
      '',
      /the predictions preds\.csv have 1 rows and the holdout \d+; they must match row by row/,
    ],
  ])('%s', async (_, from, to, sentence) => {
    await project.edit('lockstep.yaml', (yaml) =>
      to === ''
        ? yaml
            .replace(
              'evaluate: {',
              `  told:\n    shell: "printf 'score\\n0.5\\n' > preds.csv"\n    outputs: [preds.csv]\nevaluate: {predictions: preds.csv, `,
            )
            .replace('quality: [', 'quality: [parity(training) <= 0.001, ')
        : yaml.replace(from, to),
    )
    const { code, document } = await answer<RunView>(project.dir, 'run')
    expect([code, document.phase, document.release]).toEqual([1, 'errored', null])
    expect(document.because).toMatch(sentence)
  })

  test.each<[string, string, RegExp]>([
    [
      'a metric',
      'quality: [rocauc >= 0.8, ',
      /lockstep\.yaml:\d+:\d+: .*rocauc.*did you mean roc_auc/is,
    ],
    ['a group', 'quality: [{gap(tpr) <= 0.5: {by: sexx}}, ', /:\d+:\d+: .*sexx is not among/],
  ])(
    'a check of %s that does not exist is refused with its line before anything starts',
    async (_, line, sentence) => {
      await project.edit('lockstep.yaml', (yaml) => yaml.replace('quality: [', line))
      const { code, stderr } = await lockstep(project.dir, 'run')
      expect([code, stderr]).toEqual([2, expect.stringMatching(sentence)])
      expect(stderr).toContain('nothing was started')
    },
  )

  test('a column that a data check names and the data has not is told with its line', async () => {
    await project.edit('lockstep.yaml', (yaml) => yaml.replace('age between', 'agee between'))
    const { code, stdout } = await lockstep(project.dir, 'run')
    expect(code).toBe(1)
    expect(stdout).toMatch(/✗ error +agee between 0 and 90 +lockstep\.yaml:\d+/)
    expect(stdout).toContain('there is no column agee (did you mean age?)')
  })
})
