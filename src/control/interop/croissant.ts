// Croissant 1.0 (mlcommons.org/croissant/1.0): the datasets a release was made from as JSON-LD: their files by sha256, their columns by type.
import type { DataFile, DatasetFacts, RecordFacts, ReleaseFacts } from './record-facts.ts'

type Json = Readonly<Record<string, unknown>>

export function croissantOf({ project, model }: RecordFacts, facts: ReleaseFacts): Json {
  const { release, manifest, datasets } = facts
  const names = datasets.map((dataset) => dataset.name).join(', ')
  return {
    '@context': context,
    '@type': 'sc:Dataset',
    conformsTo: 'http://mlcommons.org/croissant/1.0',
    name: `${model}-release-${release.number}-data`,
    description: `What release ${release.number} (${release.alias}) of ${model} in project ${project} was made from: ${names}. Digests are those the release was sealed with.`,
    version: `${release.number}.0.0`,
    datePublished: manifest.createdAt,
    creator: manifest.code.authors.map((name) => ({ '@type': 'sc:Person', name })),
    identifier: release.digest,
    distribution: datasets.flatMap(distributionOf),
    recordSet: datasets.map(recordSetOf),
  }
}

function distributionOf(dataset: DatasetFacts): Json[] {
  return dataset.files.map((file) => ({
    '@type': 'cr:FileObject',
    '@id': idOf(dataset, file),
    name: file.path,
    contentUrl: file.path,
    ...(file.size === null ? {} : { contentSize: `${file.size} B` }),
    encodingFormat: formatOf(file.path),
    sha256: file.digest.slice('sha256:'.length),
  }))
}

/** A dataset of several files has one record set per file: each row stands in exactly one of them. */
function recordSetOf(dataset: DatasetFacts): Json {
  const [first] = dataset.files
  return {
    '@type': 'cr:RecordSet',
    '@id': dataset.name,
    name: dataset.name,
    description: `${dataset.rows} rows; version ${dataset.version}`,
    field: dataset.schema.map(({ name, type }) => ({
      '@type': 'cr:Field',
      '@id': `${dataset.name}/${name}`,
      name,
      dataType: dataTypeOf(type),
      source: {
        fileObject: { '@id': first ? idOf(dataset, first) : dataset.name },
        extract: { column: name },
      },
    })),
  }
}

function idOf({ name, files }: DatasetFacts, file: DataFile): string {
  return files.length === 1 ? `${name}-file` : `${name}-file/${file.path}`
}

const formats: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  parquet: 'application/x-parquet',
  json: 'application/json',
  jsonl: 'application/jsonlines',
  ndjson: 'application/jsonlines',
}

function formatOf(path: string): string {
  const ending = /\.([a-z]+)(\.gz|\.zst)?$/i.exec(path)?.[1]?.toLowerCase() ?? ''
  return formats[ending] ?? 'application/octet-stream'
}

/** From DuckDB's names of types. */
function dataTypeOf(type: string): string {
  const plain = type.toUpperCase()
  if (plain === 'BOOLEAN') return 'sc:Boolean'
  if (/^U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?$/.test(plain)) return 'sc:Integer'
  if (/^(FLOAT|DOUBLE|REAL|DECIMAL.*)$/.test(plain)) return 'sc:Float'
  if (plain === 'DATE') return 'sc:Date'
  if (plain.startsWith('TIMESTAMP')) return 'sc:DateTime'
  return 'sc:Text'
}

/** The context of the specification, as its own tools write it. */
const context = {
  '@language': 'en',
  '@vocab': 'https://schema.org/',
  citeAs: 'cr:citeAs',
  column: 'cr:column',
  conformsTo: 'dct:conformsTo',
  cr: 'http://mlcommons.org/croissant/',
  rai: 'http://mlcommons.org/croissant/RAI/',
  data: { '@id': 'cr:data', '@type': '@json' },
  dataType: { '@id': 'cr:dataType', '@type': '@vocab' },
  dct: 'http://purl.org/dc/terms/',
  examples: { '@id': 'cr:examples', '@type': '@json' },
  extract: 'cr:extract',
  field: 'cr:field',
  fileProperty: 'cr:fileProperty',
  fileObject: 'cr:fileObject',
  fileSet: 'cr:fileSet',
  format: 'cr:format',
  includes: 'cr:includes',
  isLiveDataset: 'cr:isLiveDataset',
  jsonPath: 'cr:jsonPath',
  key: 'cr:key',
  md5: 'cr:md5',
  parentField: 'cr:parentField',
  path: 'cr:path',
  recordSet: 'cr:recordSet',
  references: 'cr:references',
  regex: 'cr:regex',
  repeated: 'cr:repeated',
  replace: 'cr:replace',
  sc: 'https://schema.org/',
  separator: 'cr:separator',
  source: 'cr:source',
  subField: 'cr:subField',
  transform: 'cr:transform',
} as const
