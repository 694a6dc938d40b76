// A comparison with a number, as checks of data write it.
import type { Op } from '../statistics/verdict.ts'

export interface Limit {
  readonly op: Op
  readonly value: number
}
