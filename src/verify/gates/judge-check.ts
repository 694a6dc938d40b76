// The verdict of one check from its sufficient statistics alone: the same pure function today and in a replay years later.
import type { CheckResult, CheckStatistics, GateSettings, Judgement } from './check-result.ts'
import type { CheckSpec } from './check-spec.ts'
import { familyOf } from './families.ts'

export function judgeCheck(
  spec: CheckSpec,
  statistics: CheckStatistics,
  defaults: DefaultSettings,
): Omit<CheckResult, 'position' | 'written'> {
  return judgeSettled(spec, statistics, settingsOf(spec, defaults))
}

/** With the settings as they were recorded: what a replay asks. */
export function judgeSettled(
  spec: CheckSpec,
  statistics: CheckStatistics,
  settings: GateSettings,
): Omit<CheckResult, 'position' | 'written'> {
  return {
    id: spec.id,
    text: spec.text,
    ...soften(spec, settings, judgeBothLimits(spec, statistics, settings)),
    spec,
    settings,
    statistics,
  }
}

export interface DefaultSettings extends GateSettings {
  /** Which part of α this attempt on the holdout may spend; all of it when absent. */
  readonly alphaShare?: number
}

export function settingsOf(spec: CheckSpec, defaults: DefaultSettings): GateSettings {
  const { alphaShare = 1 } = defaults
  const confidence = spec.confidence ?? defaults.confidence
  return {
    confidence: alphaShare === 1 ? confidence : 1 - (1 - confidence) * alphaShare,
    power: defaults.power,
    minSupport: spec.minSupport ?? defaults.minSupport,
    onInsufficient: spec.onInsufficient ?? defaults.onInsufficient,
  }
}

/** What a check declares to be no more than a warning; an error is never softened, nor a check of integrity. */
function soften(spec: CheckSpec, settings: GateSettings, judged: Judgement): Judgement {
  const { verdict, because } = judged
  if (familyOf(spec.kind).isIntegrity === true) return judged
  const onlyWarns = spec.severity === 'warn'
  if (verdict === 'fail' && onlyWarns) return { ...judged, verdict: 'warn' }
  if (verdict !== 'insufficient' || !(onlyWarns || settings.onInsufficient === 'warn'))
    return judged
  return {
    ...judged,
    verdict: 'warn',
    undecided: true,
    because: `${because} (undecided, and declared to only warn)`,
  }
}

/** A check that holds may still warn: it is asked again at the stricter limit. */
function judgeBothLimits(
  spec: CheckSpec,
  statistics: CheckStatistics,
  settings: GateSettings,
): Judgement {
  const judged = judge(spec, statistics, settings)
  const { warn } = familyOf(spec.kind)
  if (judged.verdict !== 'pass' || spec.warn === null || warn === undefined) return judged
  const stricter = judge(warn.at(spec, spec.warn), statistics, settings)
  if (stricter.verdict === 'pass') return judged
  const doubt = stricter.verdict === 'fail' ? 'is beyond' : 'is not shown to be within'
  const because = `${judged.because}; it ${doubt} the limit at which it warns, ${spec.warn}`
  return { ...judged, verdict: 'warn', because }
}

function judge(spec: CheckSpec, statistics: CheckStatistics, settings: GateSettings): Judgement {
  const { method } = statistics
  if (method === 'skipped')
    return { verdict: 'skipped', because: statistics.because, method: 'none' }
  if (method === 'unreadable')
    return { verdict: 'error', because: statistics.because, method: 'none' }
  return familyOf(spec.kind).judge(spec, statistics, settings)
}
