// Lines as strace 6.1 writes them on Debian 12.
import { describe, expect, test } from 'vitest'
import { fileReadIn, isUndeclared } from './read-trace.ts'

describe('which line says that a file was read', () => {
  test.each([
    [
      '24837 openat(AT_FDCWD</w>, "a.csv", O_RDONLY|O_CLOEXEC) = 3</home/olga/a.csv>',
      '/home/olga/a.csv',
    ],
    ['24837 open("/p/params.yaml", O_RDONLY) = 4</p/params.yaml>', '/p/params.yaml'],
    ['24837 openat(AT_FDCWD</w>, "db", O_RDWR|O_CREAT, 0644) = 5</p/db>', '/p/db'],
    [
      '7 openat2(AT_FDCWD</w>, "x", {flags=O_RDONLY, resolve=RESOLVE_BENEATH}, 24) = 3</p/x>',
      '/p/x',
    ],
    ['7 execve("/p/tool.sh", ["tool.sh"], 0x7fff0e7609c0 /* 39 vars */) = 0', '/p/tool.sh'],
    [
      '7 openat(AT_FDCWD</w>, "x y/\\303\\244>b", O_RDONLY|O_CLOEXEC) = 3</p/x y/\\303\\244\\76b>',
      '/p/x y/ä>b',
    ],
  ])('%s', (line, path) => {
    expect(fileReadIn(line)).toBe(path)
  })

  test.each([
    'a folder: 7 x',
    '7 openat(AT_FDCWD</w>, "/p", O_RDONLY|O_NONBLOCK|O_CLOEXEC|O_DIRECTORY) = 3</p>',
    '7 openat(AT_FDCWD</w>, "out", O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC, 0666) = 3</p/out>',
    '7 openat(AT_FDCWD</w>, "p", O_PATH|O_CLOEXEC) = 3</p/x>',
    '7 openat(AT_FDCWD</w>, "pipe", O_RDONLY) = 3<pipe:[123]>',
    '7 execve("./relative", ["x"], 0x7f /* 3 vars */) = 0',
    '7 +++ exited with 0 +++',
    '',
  ])('none: %s', (line) => {
    expect(fileReadIn(line)).toBeUndefined()
  })
})

describe('which read was never declared', () => {
  const bounds = {
    workDir: '/p/.lockstep/work/a1',
    watched: ['/p', '/home/olga'],
    ignored: ['/p/.lockstep', '/home/olga/.pyenv'],
  }
  test.each([
    ['/p/data.csv', true],
    ['/home/olga/secrets.txt', true],
    ['/p/.lockstep/work/a1/data.csv', false],
    ['/p/.lockstep/runtimes/x/lib/site.py', false],
    ['/home/olga/.pyenv/versions/3.11/lib/os.py', false],
    ['/usr/lib/libc.so', false],
    ['/proof/of/nothing', false],
  ])('%s: %s', (path, is) => {
    expect(isUndeclared(path, bounds)).toBe(is)
  })
})
