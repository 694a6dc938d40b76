// Expected texts are those of DVC 3.67.1 itself, recorded with Context(parsed).resolve(template) and key="cmd".
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of DVC, not ours.
import { describe, expect, it } from 'vitest'
import { fill } from './dvc-template.ts'
import { type DvcMap, isMap, parseDvcFile, pythonText } from './dvc-values.ts'

const variables = (text: string): DvcMap => {
  const parsed = parseDvcFile('params.yaml', text)
  if (!isMap(parsed as DvcMap)) throw new Error('no map')
  return parsed as DvcMap
}
const params = variables(`
lr: 0.1
small: 1e-5
whole: 1.0
huge: 1e22
count: 3
deep: true
nothing: null
name: it's
list: [1, two, 3.0]
nested: {a: [{b: last}]}
options: {lr: 0.5, flag: true, off: false, text: a b, list: [1, x y], inner: {deep: 2}}
`)
const cmd = (template: string) => fill(template, { variables: params, place: 'cmd' })

describe('a template', () => {
  it.each([
    ['--lr ${lr}', '--lr 0.1'],
    ['${small} ${whole} ${huge} ${count}', '1e-05 1.0 1e+22 3'],
    ['deep=${deep} ${nothing}', 'deep=true None'],
    ['${nested.a[0].b}', 'last'],
    ['x\\${lr} ${count}', 'x${lr} 3'],
    ['run ${options}', "run --lr 0.5 --flag --text 'a b' --list 1 'x y' --inner.deep 2"],
    ['nothing to fill', 'nothing to fill'],
  ])('%s becomes %s', (template, text) => expect(cmd(template)).toBe(text))

  it('that is one expression and nothing else keeps the type of its value', () => {
    expect(fill('${count}', { variables: params, place: 'other' })).toBe(3n)
    expect(fill('${list}', { variables: params, place: 'foreach' })).toEqual([1n, 'two', 3])
  })

  it('is refused where it names nothing, or a list where a text must be', () => {
    expect(cmd('${nested.b}')).toMatchObject({ refused: 'import.template_unknown' })
    expect(cmd('${lr.x}')).toMatchObject({ refused: 'import.template_unknown' })
    expect(cmd('go ${list}')).toMatchObject({ refused: 'import.template_value' })
    expect(fill('${options}', { variables: params, place: 'other' })).toMatchObject({
      refused: 'import.template_value',
    })
  })
})

it('prints numbers as Python does', () => {
  const shown = [
    0.1,
    1,
    1e16,
    123456789012345680,
    1e-4,
    1e-5,
    -2.5,
    0,
    -0,
    Number.POSITIVE_INFINITY,
  ]
  expect(shown.map(pythonText)).toEqual([
    ...[
      '0.1',
      '1.0',
      '1e+16',
      '1.2345678901234568e+17',
      '0.0001',
      '1e-05',
      '-2.5',
      '0.0',
      '-0.0',
      'inf',
    ],
  ])
})
