// Judges recorded approvals against a rule: who counted, who did not and why, who is still missing, and whether the rule
// can be met at all. One person one vote; machines never; a timeout never approves.
import type { Instant } from '../../foundation/clock.ts'
import type { Digest } from '../../foundation/digest.ts'
import type { ApprovalSpec } from '../../project/environment-spec.ts'
import type { Actor } from '../../store/object.ts'
import { matchSlots } from './matching.ts'

/** A person's consent to exactly what `binding` names. Embedded in its promotion. */
export interface Approval {
  /** The id of the command that gave it. */
  readonly id: string
  readonly phase: 'active' | 'consumed' | 'stale' | 'expired' | 'revoked'
  readonly approver: Actor
  readonly at: Instant
  readonly binding: Digest
  readonly comment: string | null
  readonly expiresAt: Instant
  /** Why it is no longer active. */
  readonly because: string | null
}

/** Those whose vote cannot count, by the role they had. */
export interface Involved {
  readonly requester: Actor
  /** Authors of the commits between what serves and the candidate. */
  readonly authors: readonly string[]
  readonly runStarter: string | null
  /** Whoever granted a waiver the release rests on: never counted, whatever the rule excludes. */
  readonly waivedBy: readonly string[]
}

export interface ApprovalJudgement {
  readonly isSatisfied: boolean
  readonly needed: number
  /** The approvals that fill the slots. */
  readonly counted: readonly Approval[]
  readonly uncounted: readonly { readonly approval: Approval; readonly because: string }[]
  /** Names who may still approve; empty with `anyone` when the rule names nobody. */
  readonly mayApprove: { readonly anyone: boolean; readonly names: readonly string[] }
  readonly excluded: readonly Exclusion[]
  /** Set when no set of approvals could ever satisfy the rule. */
  readonly impossible: string | null
}

export interface Exclusion {
  readonly name: string
  readonly because: string
}

/** One person who has no part in it. */
const onePerson: ApprovalSpec = {
  count: 1,
  from: [],
  exclude: ['requester', 'author', 'run_starter'],
  expiresMs: 3 * 86_400_000,
}

/** Where gates left something undecided a person decides, also where delivery is automatic. */
export function approvalRule(
  declared: ApprovalSpec | null,
  undecided: string | null,
): ApprovalSpec | null {
  return declared ?? (undecided === null ? null : onePerson)
}

export function judgeApprovals(
  spec: ApprovalSpec | null,
  approvals: readonly Approval[],
  involved: Involved,
): ApprovalJudgement {
  if (spec === null) return nothingNeeded
  const excluded = exclusionsOf(spec, involved)
  const uncounted: { approval: Approval; because: string }[] = []
  const voters = new Map<string, Approval>()
  for (const approval of approvals) {
    const name = personOf(approval.approver)
    const because = whyNotCounted(approval, spec, excluded)
    if (because !== null) uncounted.push({ approval, because })
    else if (voters.has(name)) uncounted.push({ approval, because: `${name} has one vote` })
    else voters.set(name, approval)
  }
  const slots = Array.from({ length: spec.count }, () => [...voters.keys()])
  const counted = matchSlots(slots).flatMap((name) => voters.get(name ?? '') ?? [])
  const eligible = spec.from.map(personOf).filter((name) => !isExcluded(name, excluded))
  return {
    isSatisfied: counted.length >= spec.count,
    needed: spec.count,
    counted,
    uncounted,
    mayApprove: {
      anyone: spec.from.length === 0,
      names: [...new Set(eligible)].filter((name) => !voters.has(name)),
    },
    excluded,
    impossible: whyImpossible(spec, new Set(eligible).size, excluded),
  }
}

/** Why this actor may not approve, or null. */
export function whyMayNotApprove(
  actor: Actor,
  spec: ApprovalSpec,
  involved: Involved,
): string | null {
  return whyNotEligible(actor, spec, exclusionsOf(spec, involved))
}

/** The rule in words, with the question that gates left open: whoever approves answers for it. */
export function sayMissing(judgement: ApprovalJudgement, undecided: string | null): string {
  const { anyone, names } = judgement.mayApprove
  const left = judgement.needed - judgement.counted.length
  const who = anyone
    ? `${left} more ${left === 1 ? 'person' : 'people'}`
    : `${left} of ${names.join(', ') || 'nobody'}`
  const not = judgement.excluded.map(({ name, because }) => `${name} (${because})`).join(', ')
  const open = undecided === null ? '' : `; its gates left open: ${undecided}`
  return `waiting for approval by ${who}${not === '' ? '' : `; not counted: ${not}`}${open}`
}

/** `person:Olga` and `olga` are the same person. */
export function personOf(name: string): string {
  return name.replace(/^person:/, '').toLowerCase()
}

const nothingNeeded: ApprovalJudgement = {
  isSatisfied: true,
  needed: 0,
  counted: [],
  uncounted: [],
  mayApprove: { anyone: false, names: [] },
  excluded: [],
  impossible: null,
}

function exclusionsOf(spec: ApprovalSpec, involved: Involved): readonly Exclusion[] {
  const found = new Map<string, string>()
  const add = (name: string | null, because: string) => {
    if (name === null || /^(service|policy|system):/.test(name)) return
    if (!found.has(personOf(name))) found.set(personOf(name), because)
  }
  for (const grantor of involved.waivedBy) add(grantor, 'granted a waiver it rests on')
  for (const role of spec.exclude) {
    if (role === 'requester') add(involved.requester, 'requested this promotion')
    if (role === 'run_starter') add(involved.runStarter, 'started the run')
    if (role !== 'author') continue
    for (const author of involved.authors) add(author, 'wrote part of this release')
  }
  return [...found].map(([name, because]) => ({ name, because }))
}

function whyNotCounted(
  approval: Approval,
  spec: ApprovalSpec,
  excluded: readonly Exclusion[],
): string | null {
  if (approval.phase !== 'active') return approval.because ?? `the approval is ${approval.phase}`
  return whyNotEligible(approval.approver, spec, excluded)
}

function whyNotEligible(
  actor: Actor,
  spec: ApprovalSpec,
  excluded: readonly Exclusion[],
): string | null {
  if (!actor.startsWith('person:')) return `${actor} is not a person, and only people approve`
  const name = personOf(actor)
  const exclusion = excluded.find((entry) => entry.name === name)
  if (exclusion !== undefined) return `${name} does not count, because they ${exclusion.because}`
  if (spec.from.length > 0 && !spec.from.some((allowed) => personOf(allowed) === name)) {
    return `${name} is not among those who may approve: ${spec.from.join(', ')}`
  }
  return null
}

function whyImpossible(
  spec: ApprovalSpec,
  eligible: number,
  excluded: readonly Exclusion[],
): string | null {
  if (spec.from.length === 0 || eligible >= spec.count) return null
  const not = excluded.map(({ name, because }) => `${name} ${because}`).join(', ')
  const rule = `${spec.count} of ${spec.from.join(', ')} must approve`
  return `${rule}, but only ${eligible} of them can ${not === '' ? '' : `(${not})`}`.trim()
}

function isExcluded(name: string, excluded: readonly Exclusion[]): boolean {
  return excluded.some((entry) => entry.name === name)
}
