// Bytes to lines, for showing: a long line is cut in pieces, and characters are never cut in half.
import { StringDecoder } from 'node:string_decoder'

export interface LineSplitter {
  write(chunk: Buffer): void
  /** Hands over what is left without a line end. */
  end(): void
}

const longestLine = 8192

export function splitLines(onLine: (line: string) => void): LineSplitter {
  const decoder = new StringDecoder('utf8')
  let open = ''
  const take = (text: string) => {
    const lines = (open + text).split(/\r?\n/)
    open = lines.pop() ?? ''
    for (const line of lines) onLine(line)
    while (open.length > longestLine) {
      onLine(open.slice(0, longestLine))
      open = open.slice(longestLine)
    }
  }
  return {
    write: (chunk) => take(decoder.write(chunk)),
    end: () => {
      take(decoder.end())
      if (open !== '') onLine(open)
      open = ''
    },
  }
}
