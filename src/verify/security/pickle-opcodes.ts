// The instructions of pickle, protocols 0 to 5, with how their argument is written
// (https://github.com/python/cpython/blob/main/Lib/pickletools.py).

export type Argument =
  | 'none'
  | 'u1'
  | 'u2'
  | 'u4'
  | 'u8'
  /** Numbers that are pushed; the ones above say which memo, code or protocol is meant. */
  | 'n1'
  | 'n2'
  | 'i4'
  | 'f8'
  | 'line'
  | 'memo_line'
  | 'id_line'
  | 'two_lines'
  | 'text_line'
  | 'escaped_line'
  | 'text1'
  | 'text4'
  | 'text8'
  | 'string1'
  | 'string4'
  | 'bytes1'
  | 'bytes4'
  | 'bytes8'
  | 'long1'
  | 'long4'

export interface Opcode {
  readonly name: string
  readonly argument: Argument
}

const lines = `
MARK ( none|STOP . none|POP 0 none|POP_MARK 1 none|DUP 2 none|FLOAT F line|INT I line|BININT J i4|BININT1 K n1
LONG L line|BININT2 M n2|NONE N none|PERSID P id_line|BINPERSID Q none|REDUCE R none|STRING S escaped_line
BINSTRING T string4|SHORT_BINSTRING U string1|UNICODE V text_line|BINUNICODE X text4|APPEND a none|BUILD b none
GLOBAL c two_lines|DICT d none|EMPTY_DICT } none|APPENDS e none|GET g memo_line|BINGET h u1|INST i two_lines
LONG_BINGET j u4|LIST l none|EMPTY_LIST ] none|OBJ o none|PUT p memo_line|BINPUT q u1|LONG_BINPUT r u4|SETITEM s none
TUPLE t none|EMPTY_TUPLE ) none|SETITEMS u none|BINFLOAT G f8|PROTO 80 u1|NEWOBJ 81 none|EXT1 82 u1|EXT2 83 u2
EXT4 84 u4|TUPLE1 85 none|TUPLE2 86 none|TUPLE3 87 none|NEWTRUE 88 none|NEWFALSE 89 none|LONG1 8a long1
LONG4 8b long4|BINBYTES B bytes4|SHORT_BINBYTES C bytes1|SHORT_BINUNICODE 8c text1|BINUNICODE8 8d text8
BINBYTES8 8e bytes8|EMPTY_SET 8f none|ADDITEMS 90 none|FROZENSET 91 none|NEWOBJ_EX 92 none|STACK_GLOBAL 93 none
MEMOIZE 94 none|FRAME 95 u8|BYTEARRAY8 96 bytes8|NEXT_BUFFER 97 none|READONLY_BUFFER 98 none`

export const opcodes: readonly (Opcode | undefined)[] = tableOf(lines)

function tableOf(text: string): (Opcode | undefined)[] {
  const table = new Array<Opcode | undefined>(256).fill(undefined)
  for (const entry of text.split(/[|\n]/).filter((one) => one !== '')) {
    const [name = '', mark = '', argument = ''] = entry.split(' ')
    const code = mark.length === 2 ? Number.parseInt(mark, 16) : mark.charCodeAt(0)
    table[code] = { name, argument: argument as Argument }
  }
  return table
}
