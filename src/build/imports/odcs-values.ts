// Values out of a contract, which may be anything: read by type, never believed.

export type OdcsRecord = Readonly<Record<string, unknown>>

export interface OdcsNote {
  /** The column or object. */
  readonly about: string
  readonly kind: 'changed' | 'left_out' | 'to_do'
  readonly sentence: string
}

export function isRecord(value: unknown): value is OdcsRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function recordsOf(value: unknown): readonly OdcsRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined
}

/** As the data calls it: the physical name where there is one. */
export function nameOf(property: OdcsRecord): string | undefined {
  return textOf(property.physicalName) ?? textOf(property.name)
}

/** An identifier of SQL. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

export function quoteValue(value: unknown): string {
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return `'${String(value).replaceAll("'", "''")}'`
}
