// The `train` key of a parameter file, as options of the baseline trainer. Every key is known and has its type, or is an error.
import { readFile } from 'node:fs/promises'
import { parse } from 'yaml'
import type { BaselineRequest } from '../build/baseline/train-baseline.ts'
import { LockstepError, sentenceOf, systemCodeOf } from '../foundation/errors.ts'
import { didYouMean } from '../project/problems.ts'

export type BaselineParams = {
  -readonly [Key in
    | 'where'
    | 'label'
    | 'columns'
    | 'exclude'
    | 'C'
    | 'minCount'
    | 'unseen'
    | 'threshold'
    | 'maxIterations'
    | 'seed']?: NonNullable<BaselineRequest[Key]>
}

const isNumber = (value: unknown) => typeof value === 'number'
const isText = (value: unknown) => typeof value === 'string'
const isNames = (value: unknown) => Array.isArray(value) && value.every(isText)

/** As written in the file, what it becomes, and what it may be. Ranges are the trainer's to check. */
const keys: Readonly<
  Record<string, readonly [keyof BaselineParams, (value: unknown) => boolean, string]>
> = {
  label: ['label', isText, 'a column name'],
  columns: ['columns', isNames, 'a list of column names'],
  exclude: ['exclude', isNames, 'a list of column names'],
  where: ['where', isText, 'a SQL condition'],
  C: ['C', isNumber, 'a number'],
  threshold: ['threshold', isNumber, 'a number'],
  unseen: ['unseen', (value) => value === 'ignore' || value === 'error', 'ignore or error'],
  min_count: ['minCount', isNumber, 'a number'],
  max_iterations: ['maxIterations', isNumber, 'a number'],
  seed: ['seed', isNumber, 'a number'],
}

/** Throws `cli.params` when the file is missing, is no YAML, or its `train` key holds something else. */
export async function readBaselineParams(file: string): Promise<BaselineParams> {
  const whole = await readYaml(file)
  const train = isObject(whole) ? whole.train : undefined
  if (!isObject(train)) {
    throw wrong(
      `${file} has no train key with named parameters`,
      'for example: train: {label: income_over_50k}',
    )
  }
  const params: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(train)) {
    const known = keys[key]
    if (!known) throw unknownKey(file, key)
    const [name, accepts, allowed] = known
    if (!accepts(value)) {
      throw wrong(`train.${key} in ${file} is ${JSON.stringify(value)}; it must be ${allowed}`)
    }
    params[name] = value
  }
  return params as BaselineParams
}

async function readYaml(file: string): Promise<unknown> {
  try {
    return parse(await readFile(file, 'utf8'))
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') {
      throw wrong(
        `there is no parameter file ${file}`,
        'correct --params, or leave it out and use options',
      )
    }
    throw wrong(`the parameter file ${file} cannot be read: ${sentenceOf(error).split('\n')[0]}`)
  }
}

function unknownKey(file: string, key: string): LockstepError {
  const meant = didYouMean(key, Object.keys(keys))
  return wrong(
    `train.${key} in ${file} is not a parameter of the baseline trainer`,
    meant ? `did you mean ${meant}?` : `allowed: ${Object.keys(keys).join(', ')}`,
  )
}

function wrong(message: string, hint?: string): LockstepError {
  return new LockstepError({
    code: 'cli.params',
    kind: 'invalid',
    message,
    ...(hint === undefined ? {} : { hint }),
  })
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
