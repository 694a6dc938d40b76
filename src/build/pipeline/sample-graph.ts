// A churn pipeline with a fan-out, a failure and a step that never ran: what drawing is tested on.
import type { DrawableStep } from './fold-graph.ts'

function step(
  name: string,
  reads: Readonly<Record<string, readonly string[]>>,
  outputs: readonly string[],
  verdict: string | null,
): DrawableStep {
  const after = Object.entries(reads).map(([source, files]) => ({ step: source, files }))
  return { name, declaredAs: name.replace(/@.*/, ''), after, outputs, verdict }
}

const seeds = ['1', '2', '3', '4', '5']

export const churnPipeline: readonly DrawableStep[] = [
  step('fetch', {}, ['raw.csv'], 'hit'),
  step('clean', { fetch: ['raw.csv'] }, ['clean.parquet'], 'hit'),
  step('split', { clean: ['clean.parquet'] }, ['train.parquet', 'test.parquet'], 'hit'),
  step('features', { clean: ['clean.parquet'] }, ['features.json'], 'ran'),
  ...seeds.map((seed) =>
    step(
      `train@${seed}`,
      { split: ['train.parquet'], features: ['features.json'] },
      [`models/${seed}.onnx`],
      seed === '3' ? 'failed' : 'ran',
    ),
  ),
  step(
    'choose',
    Object.fromEntries(seeds.map((seed) => [`train@${seed}`, [`models/${seed}.onnx`]])),
    ['model.onnx'],
    'blocked',
  ),
  step(
    'report',
    { choose: ['model.onnx'], split: ['test.parquet'], fetch: ['raw.csv'] },
    ['report.html'],
    null,
  ),
]
