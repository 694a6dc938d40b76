// An imported project as the text of a lockstep.yaml, with a comment at each place where a person must decide. Pure.
import { stringify } from 'yaml'
import type { ImportedProject, ImportedStep } from './imported-project.ts'
import { isPythonStep } from './translate-dvc.ts'

export function projectFileText(project: ImportedProject): string {
  const { name, artifact, description, datasets, steps, holdout } = project
  return [
    '# Made by `lockstep import dvc`. Places marked CHECK are guesses.',
    'version: 1',
    `project: ${name}`,
    'model:',
    `  name: ${name}`,
    `  artifact: ${scalar(artifact)}  # CHECK: the output that is the model; what is served must be ONNX`,
    ...(description === null ? [] : [`  description: ${scalar(description)}`]),
    ...(datasets.length === 0 ? [] : ['data:', ...datasets.flatMap(datasetLines)]),
    'pipeline:',
    ...steps.flatMap((step) => stepLines(step, project)),
    '# CHECK: on which rows the model is judged, and which column is the truth.',
    'evaluate:',
    `  data: ${scalar(holdout.source)}`,
    `  label: ${scalar(holdout.label)}`,
    '# CHECK: what must hold before a release exists. Worth adding: quality: [roc_auc >= 0.8, roc_auc >= champion - 0.01]',
    'gates:',
    '  readiness: [loads < 10s, errors = 0]',
    '# CHECK: where releases serve, and who decides.',
    'environments:',
    '  staging: {port: 8081, delivery: automatic}',
    '  production: {port: 8080, after: staging, delivery: manual, strategy: canary}',
    '',
  ].join('\n')
}

function datasetLines({ name, path }: ImportedProject['datasets'][number]): string[] {
  return [`  ${name}:`, `    path: ${scalar(path)}`]
}

function stepLines(step: ImportedStep, { pythonLock }: ImportedProject): string[] {
  const command = 'run' in step.command ? step.command.run : step.command.shell
  const comments = [step.description, step.formerly && `in dvc.yaml: ${step.formerly}`]
  return [
    `  ${step.name}:`,
    ...comments.flatMap((one) => (one ? one.split('\n').map((line) => `    # ${line}`) : [])),
    ...block('run' in step.command ? 'run' : 'shell', command),
    ...(step.folder === '' ? [] : [`    folder: ${scalar(literal(step.folder))}`]),
    ...(pythonLock !== null && isPythonStep(command)
      ? [`    environment: {python: ${scalar(pythonLock)}}`]
      : []),
    ...list('inputs', step.inputs.map(literal)),
    ...list('params', step.params.map(literal)),
    ...list('outputs', step.outputs.map(literal)),
    ...list('metrics', step.metrics.map(literal)),
  ]
}

function block(key: string, text: string): string[] {
  if (!text.includes('\n')) return [`    ${key}: ${scalar(text)}`]
  // Blank at the start of a line decides a block's indentation: quote it then.
  if (/(^|\n)[ \t]/.test(text) || !/^[\t\n\x20-\x7e\u00a0-\ud7ff\ue000-\ufffd]*$/.test(text))
    return [`    ${key}: ${JSON.stringify(text)}`]
  return [`    ${key}: |-`, ...text.split('\n').map((line) => (line === '' ? '' : `      ${line}`))]
}

function list(key: string, items: readonly string[]): string[] {
  if (items.length === 0) return []
  const line = `    ${key}: ${flow(items)}`
  if (line.length <= 100) return [line]
  return [`    ${key}:`, ...items.map((item) => `      - ${scalar(item)}`)]
}

function flow(items: readonly string[]): string {
  return `[${items.map((item) => (/^[\w./@=-]+(:[\w./-]+)?$/.test(item) ? scalar(item) : JSON.stringify(item))).join(', ')}]`
}

/** Quoted where YAML would read something else than the text. */
function scalar(text: string): string {
  const shown = stringify(text, { lineWidth: 0 }).trimEnd()
  return shown.includes('\n') || shown.includes(' #') ? JSON.stringify(text) : shown
}

/** In paths ${…} would be filled in. */
function literal(path: string): string {
  return path.replaceAll('${', '$${')
}
