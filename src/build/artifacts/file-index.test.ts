import { describe, expect, it } from 'vitest'
import { digestOf } from '../../foundation/digest.ts'
import type { FileStamp, FileStat } from './file-index.ts'
import { isTrusted, timestampStepMs } from './file-index.ts'

const touchedAt = Date.UTC(2026, 0, 5, 9)
const seen: FileStat = {
  size: 10,
  mode: '0644',
  mtimeNs: `${touchedAt}000123`,
  ctimeNs: `${touchedAt}000123`,
  inode: '77',
}
const stampAt = (recordedAt: number, change: Partial<FileStat> = {}): FileStamp => ({
  ...seen,
  ...change,
  digest: digestOf('ten bytes.'),
  recordedAt,
})

describe('a remembered digest', () => {
  it('is trusted when the file was last touched well before it was recorded', () => {
    expect(isTrusted(stampAt(touchedAt + timestampStepMs + 1), seen)).toBe(true)
  })

  it('is not trusted when the file may have changed again within one step of the timestamp', () => {
    expect(isTrusted(stampAt(touchedAt), seen)).toBe(false)
    expect(isTrusted(stampAt(touchedAt + timestampStepMs), seen)).toBe(false)
  })

  it('is not trusted when mtime was set back but ctime shows the change', () => {
    const old = `${touchedAt - 3_600_000}000000`
    const stamp = stampAt(touchedAt + 100, { mtimeNs: old })
    expect(isTrusted(stamp, { ...seen, mtimeNs: old })).toBe(false)
  })

  it('is not trusted when anything a stat tells differs', () => {
    const later = touchedAt + 60_000
    for (const change of [
      { size: 11 },
      { mode: '0755' as const },
      { mtimeNs: `${touchedAt}000124` },
      { ctimeNs: `${touchedAt}000124` },
      { inode: '78' },
    ]) {
      expect(isTrusted(stampAt(later, change), seen)).toBe(false)
    }
  })
})
