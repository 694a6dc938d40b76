// How lockstep.yaml writes amounts: the forms that several parts of the schema share.
import { z } from 'zod'

export const duration = z
  .string()
  .regex(/^(\d+(\.\d+)?(ms|[smhdw]))+$/, 'write a duration such as 30s, 15m, 2h or 7d')
  .describe('A duration: 30s, 15m, 2h, 7d')

export const amountOfMemory = z
  .string()
  .regex(/^\d+(\.\d+)?\s*([KMGT]i?)?B$/, 'write an amount of memory such as 512MiB or 4GiB')
  .describe('An amount of memory: 512MiB, 4GiB')
