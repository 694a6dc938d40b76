// A small project that works: a twentieth of the census of 1994, a model in a second, on ports nobody else uses.
import { cp, mkdir, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll } from 'vitest'
import { lockstep, root } from './lockstep-process.ts'

export interface Ports {
  readonly control: number
  readonly staging: number
  readonly production: number
}

export interface SmallProject {
  readonly dir: string
  readonly ports: Ports
  edit(file: string, change: (text: string) => string): Promise<void>
  remove(): Promise<void>
}

const projectFile = (ports: Ports) => `version: 1
project: small
model: {name: income, artifact: model.onnx}
data:
  survey:
    path: data/survey
    checks: [rows >= 1000, unique(person_id), age between 0 and 90]
pipeline:
  prepare:
    run: lockstep data select --from data/survey --where "split = 'train'" --out train.parquet
    inputs: [data/survey]
    outputs: [train.parquet]
  holdout:
    run: lockstep data select --from data/survey --where "split = 'holdout'" --out holdout.parquet
    inputs: [data/survey]
    outputs: [holdout.parquet]
  train:
    run: lockstep train baseline --data train.parquet --params params.yaml --out model.onnx
    inputs: [train.parquet]
    params: [params.yaml:train]
    outputs: [model.onnx]
evaluate: {data: holdout.parquet, label: income_over_50k, threshold: 0.3, groups: [sex]}
gates:
  quality: [roc_auc >= 0.80]
  readiness: [errors = 0, {latency p95 <= 1s: {duration: 1s}}]
environments:
  staging: {port: ${ports.staging}, delivery: automatic, strategy: {blue_green: {bake: 100ms}}}
  production:
    port: ${ports.production}
    after: staging
    delivery: manual
    replicas: 2
    approval: {count: 1, from: [olga]}
    strategy: {canary: {steps: [20%, 50%], hold: 1s, bake: 1s}}
    analysis: {alpha: 0.05, max_error_rate: 5%, min_requests: 100, deadline: 2m}
control: {port: ${ports.control}}
gateway: {workers: 2}
`

const parameters = `train:
  label: income_over_50k
  columns: [age, education, major_occupation, weeks_worked, num_employers, capital_gains, dividends]
  C: 1
  threshold: 0.3
`

/** Made once per test file; each project is a copy, without anything that ran. */
export function smallProjects(): () => Promise<SmallProject> {
  let template = ''
  const made: string[] = []
  beforeAll(async () => {
    template = await folder('template')
    await mkdir(join(template, 'data', 'survey'), { recursive: true })
    await writeFile(join(template, 'params.yaml'), parameters)
    const all = join(root, 'examples/income/data/1994.parquet')
    const where = 'hash(person_id) % 20 = 0'
    const { code, stderr } = await lockstep(
      template,
      'data',
      'select',
      '--from',
      all,
      '--where',
      where,
      '--out',
      'data/survey/1994.parquet',
    )
    if (code !== 0) throw new Error(`the small data could not be made: ${stderr}`)
  })
  afterAll(async () => {
    for (const dir of made) await rm(dir, { recursive: true, force: true, maxRetries: 10 })
    await rm(template, { recursive: true, force: true })
  })
  return async () => {
    const dir = await folder('project')
    made.push(dir)
    await cp(template, dir, { recursive: true })
    const ports = {
      control: await freePort(),
      staging: await freePort(),
      production: await freePort(),
    }
    await writeFile(join(dir, 'lockstep.yaml'), projectFile(ports))
    return {
      dir,
      ports,
      async edit(file, change) {
        const path = join(dir, file)
        await writeFile(path, change(await readFile(path, 'utf8')))
      },
      remove: () => rm(dir, { recursive: true, force: true, maxRetries: 10 }),
    }
  }
}

async function folder(what: string): Promise<string> {
  return realpath(await mkdtemp(join(tmpdir(), `lockstep-e2e-${what}-`)))
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen({ port: 0, host: '127.0.0.1', exclusive: true }, () => {
      const address = probe.address()
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}
