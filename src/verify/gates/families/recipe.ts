// The recipe question: is the way of training good, or steady, over its seeds? It says nothing about the artifact at hand.
import { didYouMean } from '../../../project/problems.ts'
import type { CheckFamily } from '../check-family.ts'
import { type CheckStatistics, mismatched } from '../check-result.ts'
import type { CheckProblem, RecipeCheckSpec, RecipeLimit } from '../check-spec.ts'
import { type GateEvidenceInput, unreadable } from '../gate-evidence.ts'
import { judgeRecipe } from '../judging/judge-recipe.ts'
import { parseShare, problemAt } from '../language/check-line.ts'
import { fail } from '../language/parse-parts.ts'
import { type RecipeSample, valuesOf } from '../recipe-evidence.ts'

export const recipeFamily: CheckFamily<RecipeCheckSpec> = {
  kind: 'recipe',
  names: ['spread', 'mean'],
  options: ['resampled'],
  forms: [
    { line: 'spread(train:roc_auc) <= 0.01', says: 'seeds of a step differ by at most this (sd)' },
    { line: 'mean(train:roc_auc) >= 0.9', says: 'the recipe, over its seeds, reaches this' },
    {
      line: 'mean(train:roc_auc) >= champion - 0.005',
      says: 'the recipe is not worse than the one that made the serving release, seed by seed',
    },
    {
      line: 'mean(cv:roc_auc) >= champion',
      options: { resampled: 0.25 },
      says: 'over random splits whose training rows overlap; test rows per training row',
    },
  ],
  parse({ comparison, call }, read) {
    const place = /^([\w-]+):(\S+)$/.exec(call?.argument.text ?? '')
    if (comparison === undefined || call === undefined || place === null) return undefined
    if (call.name !== 'spread' && call.name !== 'mean') return undefined
    const { left, op, right } = comparison
    const [, step = '', metric = ''] = place
    if (op === '=')
      return fail(left, 'a mean of seeds is never exactly a number', 'Write >= or <=.')
    const against = readLimit(right.text)
    if (against === undefined) {
      const hint = 'Write a number or champion - 0.005.'
      return fail(right, `"${right.text}" is nothing to compare with`, hint)
    }
    const wrong = call.name === 'spread' ? spreadProblem(against, op) : undefined
    if (wrong !== undefined) return { problems: [problemAt(right, wrong.message, wrong.hint)] }
    const scope = against.with === 'champion' ? '.champion' : ''
    return {
      kind: 'recipe',
      id: `training.${call.name}(${step}:${metric})${scope}`,
      text: `${call.name}(${step}:${metric}) ${op} ${writeLimit(against)}`,
      of: call.name,
      step,
      metric,
      op,
      against,
      resampled: read.number('resampled', (value) => value > 0, 'test rows per training row'),
    }
  },
  measure: measureRecipe,
  judge: (spec, statistics, settings) =>
    statistics.method === 'recipe' ? judgeRecipe(spec, statistics, settings) : mismatched(spec),
  warn: {
    read: (text) => parseShare(text)?.value,
    of: ({ op, against }) => ({
      op,
      limit: against.with === 'limit' ? against.limit : against.margin,
    }),
    at: ({ against, ...spec }, limit) => ({
      ...spec,
      against: against.with === 'limit' ? { ...against, limit } : { ...against, margin: limit },
    }),
  },
}

type Complaint = Pick<CheckProblem, 'message' | 'hint'>

function spreadProblem(against: RecipeLimit, op: string): Complaint | undefined {
  if (against.with === 'champion') {
    const message = 'a spread is compared with a number'
    return { message, hint: 'Write spread(train:roc_auc) <= 0.01.' }
  }
  return op.startsWith('<') ? undefined : { message: 'a spread is bounded from above' }
}

function readLimit(text: string): RecipeLimit | undefined {
  const limit = parseShare(text)?.value
  if (limit !== undefined) return { with: 'limit', limit }
  const found = /^champion(?:\s*([+−-])\s*(\S+))?$/.exec(text)
  if (found === null) return undefined
  const [, sign, amount = '0'] = found
  const size = parseShare(amount)?.value
  return size === undefined
    ? undefined
    : { with: 'champion', margin: sign === '+' || size === 0 ? size : -size }
}

function writeLimit(against: RecipeLimit): string {
  if (against.with === 'limit') return String(against.limit)
  const { margin } = against
  return margin === 0 ? 'champion' : `champion ${margin < 0 ? '-' : '+'} ${Math.abs(margin)}`
}

function measureRecipe(spec: RecipeCheckSpec, { recipe }: GateEvidenceInput): CheckStatistics {
  if (recipe === undefined) return unreadable('the metrics of the steps were not collected')
  const own = valuesOf(recipe.own, spec)
  if (own.length === 0) return unreadable(absent(spec, recipe.own))
  if (spec.against.with === 'limit') return { method: 'recipe', own }
  if (recipe.champion === undefined) return { method: 'skipped', because: 'no champion yet' }
  const { release, samples } = recipe.champion
  return { method: 'recipe', own, reference: valuesOf(samples, spec), release }
}

/** Which of step and metric is not there, and what comes near. */
function absent({ step, metric }: RecipeCheckSpec, samples: readonly RecipeSample[]): string {
  const hintOf = (word: string, choices: readonly string[]) => {
    const near = didYouMean(word, choices)
    return near === undefined
      ? `there are: ${choices.join(', ') || 'none'}`
      : `did you mean ${near}?`
  }
  const ofStep = samples.filter((sample) => sample.step === step)
  if (ofStep.length === 0) {
    const steps = [...new Set(samples.map((sample) => sample.step))]
    return `no step ${step} wrote metrics in this run (${hintOf(step, steps)})`
  }
  const names = [...new Set(ofStep.flatMap(({ metrics }) => Object.keys(metrics)))]
  return `the step ${step} wrote no metric ${metric} (${hintOf(metric, names)})`
}
