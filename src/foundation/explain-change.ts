// Two JSON values compared in words, down to the leaf that differs: a whole block of parameters tells a person nothing.
import { canonicalJson } from './canonical-json.ts'

/** `train.C changed from 1 to 0.5`. One sentence per leaf that differs; none exactly when the values are equal as JSON. */
export function explainChange(what: string, before: unknown, after: unknown): string[] {
  if (valueText(before) === valueText(after)) return []
  if (isRecord(before) && isRecord(after)) return explainRecord(what, before, after)
  if (Array.isArray(before) && Array.isArray(after)) return [explainList(what, before, after)]
  return [`${what} changed from ${shorten(valueText(before))} to ${shorten(valueText(after))}`]
}

function explainRecord(what: string, before: Members, after: Members): string[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort()
  return names.flatMap((name) => {
    if (!Object.hasOwn(before, name))
      return [`${what}.${name} is new: ${shorten(valueText(after[name]))}`]
    if (!Object.hasOwn(after, name)) return [`${what}.${name} is gone`]
    return explainChange(`${what}.${name}`, before[name], after[name])
  })
}

function explainList(what: string, before: readonly unknown[], after: readonly unknown[]): string {
  const [old, now] = [before.map(valueText), after.map(valueText)]
  const gained = now.filter((item) => !old.includes(item))
  const lost = old.filter((item) => !now.includes(item))
  const parts = [
    gained.length > 0 ? `gained ${listed(gained)}` : '',
    lost.length > 0 ? `lost ${listed(lost)}` : '',
  ]
  return `${what} ${parts.filter((part) => part !== '').join(' and ') || 'changed its order'}`
}

const itemsNamed = 3

function listed(items: readonly string[]): string {
  const shown = items.slice(0, itemsNamed).map((item) => shorten(item.replace(/^"(.*)"$/, '$1')))
  return items.length > itemsNamed
    ? `${shown.join(', ')} and ${items.length - itemsNamed} more`
    : shown.join(', ')
}

type Members = Readonly<Record<string, unknown>>

function isRecord(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function valueText(value: unknown): string {
  return value === undefined || value === null ? 'none' : canonicalJson(value)
}

function shorten(text: string): string {
  return text.length <= 80 ? text : `${text.slice(0, 77)}...`
}
