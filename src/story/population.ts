// Who sends the requests: rows of the survey itself, one request a person. Nobody is made up.
import { openTables, quoteText } from '../build/tables/duckdb.ts'
import { assert } from '../foundation/assert.ts'
import { isRefusal } from '../foundation/refusal.ts'
import { encodeColumns } from '../serve/protocol/infer-exchange.ts'
import type { TensorSpec } from '../serve/protocol/tensor.ts'
import type { ClientRequest } from './traffic.ts'

export interface Population {
  /** A Parquet file of the survey. */
  readonly file: string
  readonly where: string
  readonly people: number
  readonly inputs: readonly TensorSpec[]
  /** Every n-th person is served by an office whose program sends texts as the census file has them: with a leading blank. */
  readonly officeEvery: number
}

export async function readPopulation({
  file,
  where,
  people,
  inputs,
  officeEvery,
}: Population): Promise<ClientRequest[]> {
  const tables = await openTables({ threads: 1 })
  try {
    const columns = inputs.map((input) => `"${input.name}"`).join(', ')
    const sql = `select person_id, ${columns} from read_parquet(${quoteText(file)}) where ${where} order by hash(person_id) limit ${people}`
    const { names, values } = await tables.columns(sql)
    const column = (name: string) => values[names.indexOf(name)] ?? []
    return column('person_id').map((person, row) => {
      const isOffice = row % officeEvery === officeEvery - 1
      const tensors = inputs.map((spec) => ({
        spec,
        values: [asSent(column(spec.name)[row], isOffice)],
      }))
      const body = encodeColumns(tensors, [])
      assert(
        !isRefusal(body),
        `person ${person} cannot be sent: ${isRefusal(body) ? body.because : ''}`,
      )
      return { key: `person-${person}`, body: Buffer.from(body) }
    })
  } finally {
    tables.close()
  }
}

function asSent(value: unknown, isOffice: boolean): unknown {
  return isOffice && typeof value === 'string' ? ` ${value}` : value
}
