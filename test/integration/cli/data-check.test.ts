// `lockstep data check` on real files and over a real connection, without a project.
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { DataCheckRequest } from '../../../src/cli/world.ts'
import { checkData } from '../../../src/main/check-data.ts'

let folder = ''
let server: Server
let address = ''
const table = 'id,age,email\n1,34,a@b.org\n2,-5,nobody\n'

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lockstep-data-check-'))
  await writeFile(join(folder, 'people.csv'), table)
  server = createServer((request, response) => {
    if (request.url === '/people.csv') response.end(table)
    else response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.close()
  await rm(folder, { recursive: true })
})

const check = (request: Partial<DataCheckRequest>) =>
  checkData({
    files: [join(folder, 'people.csv')],
    checks: [],
    redact: false,
    signal: new AbortController().signal,
    ...request,
  })

describe('data check', () => {
  it('answers every assertion, with the rows at fault', async () => {
    const checks = [
      'rows = 2',
      'age between 0 and 120',
      'email is email',
      'agee > 3',
      'agee in [1]',
    ]
    const view = await check({ checks, key: ['id'] })
    expect(view.checks.map(({ verdict }) => verdict)).toEqual([
      ...['pass', 'fail', 'fail'],
      ...['error', 'error'],
    ])
    expect(view.verdict).toBe('fail')
    expect(view.checks[1]?.examples).toEqual([{ row: 2, values: { id: '2', age: '-5' } }])
    const hidden = await check({ checks: ['age between 0 and 120'], key: ['id'], redact: true })
    expect(JSON.stringify(hidden)).not.toContain('-5')
  })

  it('reads a list of checks in YAML, options and SQL included', async () => {
    const list = join(folder, 'checks.yaml')
    await writeFile(
      list,
      '- rows between 1 and 10\n- age between 0 and 120: {mostly: 50%}\n- sql: select * from this where age < 0\n  name: no negative age\n  expect: 1 rows\n',
    )
    const view = await check({ list })
    expect(view.checks.map((one) => [one.verdict, one.check])).toEqual([
      ['pass', 'rows between 1 and 10'],
      ['pass', 'age between 0 and 120 {mostly: 50%}'],
      ['pass', expect.stringMatching(/^sql\(no negative age\)/)],
    ])
  })

  it('brings a table from an address, and says when that does not work', async () => {
    const view = await check({ files: [`${address}/people.csv`], checks: ['rows = 2'] })
    expect(view.verdict).toBe('pass')
    const absent = check({ files: [`${address}/absent.csv`], checks: ['rows = 2'] })
    await expect(absent).rejects.toThrow('the server answered 404')
    const nowhere = check({ files: ['http://nowhere.invalid/people.csv'], checks: ['rows = 2'] })
    await expect(nowhere).rejects.toMatchObject({ code: 'tables.url_unreachable' })
  })

  it('an unreadable file is an error of every check', async () => {
    const view = await check({ files: [join(folder, 'absent.csv')], checks: ['rows = 2'] })
    expect(view).toMatchObject({ verdict: 'error' })
    expect(view.checks[0]?.because).toContain('does not exist')
  })

  it('asks for something to check', async () => {
    await expect(check({})).rejects.toThrow('There is nothing to check')
  })
})
