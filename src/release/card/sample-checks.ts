// Judged checks as tests need them: one verdict each, with a spec where the test is about what was asked.
import type { CheckResult } from '../../verify/gates/check-result.ts'
import { type CheckSpec, hasProblems } from '../../verify/gates/check-spec.ts'
import { gateDefaults } from '../../verify/gates/judge-gates.ts'
import { parseCheck } from '../../verify/gates/language/parse-check.ts'
import type { Verdict } from '../../verify/statistics/verdict.ts'

export function sampleCheck(verdict: Verdict, more: Partial<CheckResult> = {}): CheckResult {
  return {
    ...{ id: `quality.${verdict}`, text: 'roc_auc >= 0.9', written: 'roc_auc >= 0.90', verdict },
    ...{ because: `ROC AUC was ${verdict}`, method: 'DeLong', settings: gateDefaults },
    ...{ estimate: 0.91, lower: 0.88, upper: 0.94, limit: 0.9, n: 1200 },
    ...{ spec: null, position: { line: 7, column: 5 } },
    statistics: { method: 'skipped', because: '' },
    ...more,
  }
}

export function specOf(
  text: string,
  options: Readonly<Record<string, unknown>> = {},
): CheckSpec | null {
  const parsed = parseCheck(text, options)
  return hasProblems(parsed) ? null : parsed
}
