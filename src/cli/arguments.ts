// Arguments and options of one call, read with their types; a wrong value is a usage error that names the option.
import { parseDuration } from '../foundation/duration.ts'
import { LockstepError } from '../foundation/errors.ts'
import type { Arguments } from './verb.ts'

export interface ParsedArguments {
  readonly verb: string
  readonly positional: readonly unknown[]
  readonly options: Readonly<Record<string, unknown>>
}

export function readArguments({ verb, positional, options }: ParsedArguments): Arguments {
  const words = positional.flatMap((part) => (Array.isArray(part) ? part : [part])).filter(isText)
  const text = (name: string) => {
    const value = options[camelCase(name)]
    return isText(value) ? value : undefined
  }
  const usage = (message: string, hint = `lockstep ${verb} --help`) =>
    new LockstepError({ code: 'cli.usage', kind: 'invalid', message, hint })
  return {
    words,
    at: (index) => words[index],
    flag: (name) => options[camelCase(name)] === true,
    text,
    off: (name) => options[camelCase(name)] === false,
    list: (name) => {
      const value = options[camelCase(name)]
      const given = Array.isArray(value)
        ? value.filter(isText)
        : isText(value)
          ? [value]
          : undefined
      const parts = given?.flatMap((one) => one.split(',')).map((part) => part.trim())
      return parts?.filter((part) => part !== '')
    },
    texts: (name) => {
      const value = options[camelCase(name)]
      return (Array.isArray(value) ? value : [value]).filter(isText)
    },
    number: (name) => {
      const value = text(name)
      if (value === undefined) return undefined
      const number = value.trim() === '' ? Number.NaN : Number(value)
      if (Number.isFinite(number)) return number
      throw usage(`--${name} is '${value}'; it must be a number`)
    },
    duration: (name) => {
      const value = text(name)
      if (value === undefined) return undefined
      const ms = parseDuration(value)
      if (ms !== undefined) return ms
      throw usage(`--${name} is '${value}'; write a duration such as 30s, 15m or 2h`)
    },
    usage,
  }
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function camelCase(name: string): string {
  return name.replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
