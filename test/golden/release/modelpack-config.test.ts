// Our model config against the schema that the ModelPack specification publishes: it forbids every field it does not name.
import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { modelConfig } from '../../../src/release/package/model-config.ts'
import { describe as descriptorOf, mediaTypes } from '../../../src/release/package/oci.ts'
import { manifest } from '../../../src/release/sample-release.ts'

type Schema = Readonly<Record<string, unknown>>

const schema = JSON.parse(
  await readFile(new URL('modelpack-config-schema.json', import.meta.url), 'utf8'),
) as Schema

const layers = [descriptorOf('weights', mediaTypes.weight), descriptorOf('card', mediaTypes.doc)]

test('the config fits the published schema', () => {
  const config: unknown = JSON.parse(modelConfig(manifest, layers).toString('utf8'))
  expect(faults(schema, config, 'config')).toEqual([])
})

test('also without a commit and without authors', () => {
  const bare = { ...manifest, code: { commit: null, tree: null, dirty: true, authors: [] } }
  const config: unknown = JSON.parse(modelConfig(bare, layers).toString('utf8'))
  expect(faults(schema, config, 'config')).toEqual([])
})

test('the check sees a field that is not allowed, a missing part and a wrong word', () => {
  const config = JSON.parse(modelConfig(manifest, layers).toString('utf8')) as {
    config: { capabilities: { inputTypes: string[] } }
    modelfs?: unknown
  }
  config.config.capabilities.inputTypes = ['tables']
  delete config.modelfs
  expect(faults(schema, { ...config, gates: [] }, 'config')).toEqual([
    'config lacks modelfs',
    'config.config.capabilities.inputTypes[0] is none of text, image, audio, video, embedding, other',
    'config.gates is not allowed',
  ])
})

/** The keywords this schema uses, and a fault for one it should ever add. */
function faults(rule: Schema, value: unknown, at: string): string[] {
  const known = [
    '$ref',
    '$defs',
    '$schema',
    '$id',
    'description',
    'format',
    'pattern',
    'minLength',
    'minItems',
  ]
  const used = ['type', 'properties', 'additionalProperties', 'required', 'items', 'enum']
  const found = Object.keys(rule)
    .filter((key) => ![...known, ...used].includes(key))
    .map((key) => `the schema uses ${key}, which this check does not know`)
  if (typeof rule.$ref === 'string') {
    const name = rule.$ref.replace('#/$defs/', '')
    return faults((schema.$defs as Record<string, Schema>)[name] ?? {}, value, at)
  }
  const type = Array.isArray(value) ? 'array' : typeof value
  if (rule.type !== undefined && rule.type !== type) return [`${at} is no ${rule.type}`]
  const words = rule.enum as readonly unknown[] | undefined
  if (words && !words.includes(value)) found.push(`${at} is none of ${words.join(', ')}`)
  if (typeof value === 'string') {
    if (value.length < Number(rule.minLength ?? 0)) found.push(`${at} is too short`)
    if (rule.pattern && !new RegExp(String(rule.pattern)).test(value))
      found.push(`${at} does not fit`)
    if (rule.format === 'date-time' && Number.isNaN(Date.parse(value)))
      found.push(`${at} is no date`)
  }
  if (Array.isArray(value)) {
    if (value.length < Number(rule.minItems ?? 0)) found.push(`${at} has too few`)
    for (const [index, item] of value.entries())
      found.push(...faults((rule.items ?? {}) as Schema, item, `${at}[${index}]`))
  } else if (typeof value === 'object' && value !== null) {
    const named = (rule.properties ?? {}) as Record<string, Schema>
    for (const key of (rule.required ?? []) as string[])
      if (!(key in value)) found.push(`${at} lacks ${key}`)
    for (const [key, member] of Object.entries(value)) {
      const inner = named[key]
      if (inner) found.push(...faults(inner, member, `${at}.${key}`))
      else if (rule.additionalProperties === false) found.push(`${at}.${key} is not allowed`)
    }
  }
  return found
}
