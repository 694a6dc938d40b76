// What every verb owes a shell: streams, exit codes, help, suggestions, colours.
import { describe, expect, test } from 'vitest'
import { verbs } from '../../../src/cli/verbs.ts'
import { LockstepError } from '../../../src/foundation/errors.ts'
import { play } from './fake-world.ts'
import { runView, statusView } from './sample-views.ts'

const status = async () => statusView()

describe('help', () => {
  test.each(Object.keys(verbs))('%s shows examples that name it', async (name) => {
    const { code, out, err } = await play(`${name} --help`)
    expect(code).toBe(0)
    expect(err).toBe('')
    expect(out).toContain(`Usage: lockstep ${name}`)
    const examples = out.slice(out.indexOf('Examples:')).split('\n').slice(1)
    expect(examples.filter((line) => line.includes(`lockstep ${name}`)).length).toBeGreaterThan(1)
    expect(out).toContain('--json')
  })

  test('lockstep alone lists the verbs; help VERB is VERB --help', async () => {
    const { code, out } = await play('')
    expect(code).toBe(0)
    for (const name of Object.keys(verbs)) expect(out).toContain(`  ${name}`)
    expect((await play('help promote')).out).toBe((await play('promote --help')).out)
  })

  test('a noun without its verb shows its verbs and is a usage error', async () => {
    const { code, out } = await play('train')
    expect(code).toBe(2)
    expect(out).toContain('baseline')
  })
})

describe('usage errors', () => {
  test.each([
    ['stauts', "unknown command 'stauts'", 'Did you mean status?'],
    ['run --frce', "unknown option '--frce'", 'Did you mean --force?'],
    ['rollback', "missing required argument 'environment'", 'lockstep rollback --help'],
    ['train basline', "unknown command 'basline'", 'Did you mean baseline?'],
    ['promote 2', 'say where to: --to ENVIRONMENT', 'lockstep promote --help'],
    ['promote two --to staging', "'two' is no release number", 'lockstep releases'],
    ['run --timeout soon', "--timeout is 'soon'", 'lockstep run --help'],
    ['up --port 70000', '--port is 70000', 'lockstep up --help'],
    ['hold production', 'a hold needs its reason', 'lockstep hold --help'],
  ])('lockstep %s', async (line, message, hint) => {
    const { code, out, err } = await play(line, { api: { startRun: async () => runView() } })
    expect(code).toBe(2)
    expect(out).toBe('')
    expect(err).toContain(`error: ${message}`)
    expect(err).toContain(`hint: ${hint}`)
  })

  test('with --json the problem is the document', async () => {
    const { code, json } = await play('run --frce --json')
    expect(code).toBe(2)
    expect(json()).toMatchObject({ code: 'cli.usage', status: 400, hint: 'Did you mean --force?' })
  })
})

describe('errors', () => {
  test('a LockstepError is a sentence, a hint and the exit code of its kind', async () => {
    const connectError = new LockstepError({
      code: 'client.not_running',
      kind: 'unavailable',
      message: 'no control plane is running in /nowhere/income',
      hint: 'lockstep up',
    })
    const { code, err, out } = await play('promote --to staging', { connectError })
    expect(code).toBe(1)
    expect(out).toBe('')
    expect(err).toBe('error: no control plane is running in /nowhere/income\nhint: lockstep up\n')
  })

  test('anything else is a bug of ours; the stack only with --debug', async () => {
    const api = {
      status: async () => {
        throw new Error('x is undefined')
      },
    }
    const plain = await play('status', { api })
    expect(plain.code).toBe(1)
    expect(plain.err).toContain('error: x is undefined\nthis is a bug in Lockstep')
    expect(plain.err).not.toContain('fake-world')
    expect((await play('status --debug', { api })).err).toContain('conventions.test.ts')
    expect((await play('status --json', { api })).json()).toMatchObject({ code: 'internal' })
  })

  test('a reader that has seen enough is no error', async () => {
    const api = {
      status: async () => {
        throw Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })
      },
    }
    expect(await play('status', { api })).toMatchObject({ code: 0, err: '' })
  })
})

describe('streams and colours', () => {
  test('--json writes one document and nothing else, and closes the connection', async () => {
    const played = await play('status --json', { api: { status } })
    expect(played.json()).toEqual(statusView())
    expect(played.err).toBe('')
    expect(played.closed).toBe(1)
  })

  test('colour only on a terminal, and never with NO_COLOR or --no-color', async () => {
    const coloured = '\u001b['
    expect((await play('status', { api: { status } })).out).not.toContain(coloured)
    const tty = { api: { status }, isTTY: true }
    expect((await play('status', tty)).out).toContain(coloured)
    expect((await play('status --no-color', tty)).out).not.toContain(coloured)
    expect((await play('status', { ...tty, env: { NO_COLOR: '1' } })).out).not.toContain(coloured)
  })
})

describe('who asks, and for which project', () => {
  test('--as before LOCKSTEP_ACTOR; a name with a kind stays', async () => {
    const asked = async (line: string) => (await play(line, { api: { status } })).callers[0]
    expect(await asked('status')).toEqual({
      projectDir: '/nowhere/income',
      actor: 'person:dana',
      purpose: 'read',
    })
    expect((await asked('status --as olga'))?.actor).toBe('person:olga')
    expect((await asked('--as service:ci status'))?.actor).toBe('service:ci')
    expect((await asked('status --project ../other'))?.projectDir).toBe('/nowhere/other')
    expect((await asked('--project /p status'))?.projectDir).toBe('/p')
  })

  test('up hands its options over', async () => {
    const { ups, code } = await play('up --port 7171 --json')
    expect(code).toBe(0)
    expect(ups).toEqual([
      { projectDir: '/nowhere/income', actor: 'person:dana', json: true, color: true, port: 7171 },
    ])
  })

  test('the version, in words and as JSON', async () => {
    expect((await play('--version')).out).toBe('lockstep 0.1.0\n')
    expect((await play('-v')).out).toBe('lockstep 0.1.0\n')
    expect((await play('--version --json')).json()).toEqual({ name: 'lockstep', version: '0.1.0' })
  })
})
