// DVC's templates: `${train.lr}` looked up among the variables, as dvc/parsing/interpolate.py and context.py (3.67) do. Pure.
import { isRefusal, type Refusal, refuse } from '../../foundation/refusal.ts'
import { type DvcMap, type DvcValue, isList, isMap, pythonText } from './dvc-values.ts'

const expression = /(?<!\\)\$\{(.*?)\}/g

export interface Filling {
  readonly variables: DvcMap
  /** Maps are spelled out as options in commands; elsewhere DVC refuses them. */
  readonly place: 'cmd' | 'foreach' | 'other'
}

/** A text that is one expression and nothing else becomes the value itself; around other text the value is printed. */
export function fill(value: DvcValue, filling: Filling): DvcValue | Refusal {
  if (typeof value === 'string') return fillText(value, filling)
  if (isList(value)) {
    const filled: DvcValue[] = []
    for (const one of value) {
      const next = fill(one, filling)
      if (isRefusal(next)) return next
      filled.push(next)
    }
    return filled
  }
  if (!isMap(value)) return value
  const filled = new Map<string, DvcValue>()
  for (const [key, one] of value) {
    const nextKey = fillText(key, filling)
    if (isRefusal(nextKey)) return nextKey
    const next = fill(one, filling)
    if (isRefusal(next)) return next
    filled.set(pythonText(nextKey), next)
  }
  return filled
}

function fillText(text: string, filling: Filling): DvcValue | Refusal {
  const matches = [...text.matchAll(expression)]
  const [only] = matches
  if (matches.length === 1 && only?.[0] === text) {
    const value = lookUp(only[1] ?? '', filling.variables)
    if (isRefusal(value)) return value
    return (
      allowed(value, text, filling) ??
      (isMap(value) && filling.place === 'cmd' ? optionsOf(value) : value)
    )
  }
  let filled = ''
  let end = 0
  for (const match of matches) {
    const value = lookUp(match[1] ?? '', filling.variables)
    if (isRefusal(value)) return value
    const wrong = allowed(value, match[0], filling)
    if (wrong) return wrong
    const shown = isMap(value) ? optionsOf(value) : pythonText(value)
    if (isRefusal(shown)) return shown
    filled += text.slice(end, match.index) + shown
    end = match.index + match[0].length
  }
  return (filled + text.slice(end)).replaceAll('\\${', '${')
}

function allowed(value: DvcValue, shown: string, { place }: Filling): Refusal | undefined {
  if (place === 'foreach' || (!isMap(value) && !isList(value))) return undefined
  if (isMap(value) && place === 'cmd') return undefined
  return refuse(
    'import.template_value',
    `${shown} stands for a ${isMap(value) ? 'map' : 'list'}, which has no place there`,
  )
}

/** `a.b[0].c`: names and places, one after the other. */
function lookUp(inner: string, variables: DvcMap): DvcValue | Refusal {
  const names = inner.replaceAll('[', '.').replaceAll(']', '').split('.')
  let value: DvcValue | undefined = variables
  for (const name of names) {
    if (isMap(value)) value = value.get(name)
    else if (isList(value) && /^\d+$/.test(name)) value = value[Number(name)]
    else value = undefined
    if (value === undefined)
      return refuse(
        'import.template_unknown',
        `nothing is called '${inner}', which \${${inner}} asks for`,
      )
  }
  return value
}

/** `{lr: 0.1, model: {deep: true}}` as `--lr 0.1 --model.deep`. */
function optionsOf(map: DvcMap): string | Refusal {
  const words: string[] = []
  for (const [name, value] of flat(map)) {
    if (value === false) continue
    words.push(`--${name}`)
    if (value === true) continue
    for (const one of isList(value) ? value : [value]) {
      if (isList(one) || isMap(one)) {
        return refuse(
          'import.template_value',
          `the option ${name} is a list within a list, which no command line can hold`,
        )
      }
      words.push(typeof one === 'string' ? shellQuoted(one) : pythonText(one))
    }
  }
  return words.join(' ')
}

function flat(map: DvcMap): [string, DvcValue][] {
  return [...map].flatMap(([name, value]): [string, DvcValue][] =>
    isMap(value) ? flat(value).map(([rest, one]) => [`${name}.${rest}`, one]) : [[name, value]],
  )
}

/** As Python's shlex.quote. */
export function shellQuoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'"'"'`)}'`
}
