// Security of the model's files and the project's own tests as gates of a real run: processes, store and scan thread are real.
import { cp, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { EndedRun } from '../../../src/control/runs/run.ts'
import { project, RunStage } from './run-stage.ts'

const mlflow = fileURLToPath(new URL('../../golden/mlflow/model', import.meta.url))

let stage: RunStage
beforeEach(async () => {
  stage = await RunStage.open()
})
afterEach(() => stage.close())

const gates = (lines: readonly unknown[]) =>
  stage.declare(
    '  readiness: [{errors = 0: {duration: 50ms}}]',
    `  extra: ${JSON.stringify(lines)}`,
  )

function said(run: EndedRun): readonly string[] {
  const extra = run.gates.find(({ name }) => name === 'extra')
  return extra?.checks.map(({ verdict, because }) => `${verdict}: ${because}`) ?? [run.because]
}

describe('the files of the model', () => {
  it('pass when they are ONNX and nothing else', async () => {
    await gates(['format in [onnx, safetensors]', 'scan clean'])
    const run = await stage.run()
    expect(said(run)).toEqual([
      'pass: the file is onnx, told by its content; allowed is onnx, safetensors',
      expect.stringMatching(/^pass: nothing found in 1 file of /),
    ])
    expect(run.phase).toBe('succeeded')
  })

  it('of a folder are all looked at: a pickle beside the model is found in it', async () => {
    await cp(mlflow, join(stage.dir, 'given'), { recursive: true })
    await stage.write('given/python_model.pkl', "cos\nsystem\n(S'echo hi'\ntR.")
    const step = 'train: {shell: "cp -r given model", inputs: [given], outputs: [model]}\n'
    await stage.write(
      'lockstep.yaml',
      project
        .replace('artifact: model.onnx', 'artifact: model')
        .replace(/train: .*\n/, step)
        .replace(/ {2}readiness: .*\n/, `  extra: ["format in [onnx]", "scan clean"]\n`),
    )
    const run = await stage.run()
    expect(run.phase).toBe('failed')
    expect(said(run)).toEqual([
      expect.stringContaining('fail: python_model.pkl is pickle, allowed is onnx'),
      expect.stringContaining('python_model.pkl at byte 0: loading the pickle imports os.system'),
    ])
  })
})

const tests = (options: object) => ({ 'tests pass': options })
const report = (cases: string) => `<testsuite name="t" tests="2">${cases}</testsuite>`

describe("the project's own tests", () => {
  it('see copies of the model, the holdout and what they declare, and nothing else', async () => {
    await mkdir(join(stage.dir, 'tests'))
    await stage.write(
      'tests/look.sh',
      'set -e; test -s "$LOCKSTEP_MODEL"; test -s "$LOCKSTEP_HOLDOUT"; test ! -e lockstep.yaml; test ! -e ready.onnx; echo "# changed" >> tests/look.sh; echo spoilt > "$LOCKSTEP_HOLDOUT"',
    )
    await gates([tests({ run: 'sh tests/look.sh', inputs: ['tests'] })])
    const run = await stage.run()
    expect(said(run)).toEqual(['pass: sh tests/look.sh ended with 0'])
    // What a test writes reaches neither the project nor the next run.
    await gates([
      tests({ run: 'sh tests/look.sh && grep -q changed tests/look.sh', inputs: ['tests'] }),
    ])
    expect(said(await stage.run())).toEqual([expect.stringMatching(/^pass/)])
  })

  it('are read back from their report, with names and first lines', async () => {
    const failing = report(
      '<testcase classname="c" name="a"/><testcase classname="c" name="b"><failure message="1 is not 2"/></testcase>',
    )
    await stage.write('junit.xml', failing)
    await gates([
      tests({ run: 'cp junit.xml out.xml; exit 1', junit: 'out.xml', inputs: ['junit.xml'] }),
    ])
    const first = await stage.run()
    expect(said(first)).toEqual(['fail: 1 of 2 tests failed: c::b: 1 is not 2'])
    // Another test is another run, although no step changed.
    await stage.write('junit.xml', report('<testcase name="a"/><testcase name="b"/>'))
    await gates([tests({ run: 'cp junit.xml out.xml', junit: 'out.xml', inputs: ['junit.xml'] })])
    expect(said(await stage.run())).toEqual(['pass: 2 tests passed'])
  })

  it('say why when nothing can be said: no test, no report, no time, no command', async () => {
    await stage.write('kill.sh', 'kill -9 $$')
    // From an earlier time: it says nothing about this one.
    await stage.write('old.xml', report('<testcase name="a"/>'))
    await gates([
      tests({ run: "echo '<testsuites/>' > r.xml", junit: 'r.xml' }),
      tests({ run: 'echo sorry', junit: 'r.xml' }),
      tests({ run: 'sleep 60', timeout: '200ms' }),
      tests({ run: 'no-such-program' }),
      tests({ run: '. ./kill.sh', inputs: ['kill.sh'] }),
      tests({ run: 'true', inputs: ['absent'] }),
      tests({ run: 'echo done', junit: 'old.xml', inputs: ['old.xml'] }),
    ])
    const run = await stage.run()
    expect(said(run)).toEqual([
      "insufficient: echo '<testsuites/>' > r.xml ran no test, so nothing was tested",
      'error: echo sorry ended with 0 and wrote no r.xml: sorry',
      'error: sleep 60 was not done after 200 ms and was ended; give it a longer timeout or fewer tests',
      expect.stringContaining('error: no-such-program could not be started (127)'),
      'error: . ./kill.sh was ended by SIGKILL',
      'error: true could not be run: its input absent is not in the project, or a step makes it',
      'error: echo done ended with 0 and wrote no old.xml: done',
    ])
    expect(run.phase).not.toBe('succeeded')
  })
})
