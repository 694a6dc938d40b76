// Every verb: its group and one line for the help; the file behind it is loaded only when it is used.
import type { Verb } from './verb.ts'

export interface VerbEntry {
  readonly group: string
  readonly summary: string
  load(): Promise<Verb>
}

const start = 'Start'
const ship = 'Ship'
const move = 'Move releases'
const look = 'Look'
const keep = 'Keep'
const trust = 'Trust'
const local = 'On files, without a control plane'

/** A name of two words is a verb below a noun: `train baseline`. */
export const verbs: Readonly<Record<string, VerbEntry>> = {
  init: entry(
    start,
    'start a project from a template',
    async () => (await import('./verbs/init.ts')).init,
  ),
  run: entry(
    start,
    'run the pipeline and its gates',
    async () => (await import('./verbs/run.ts')).run,
  ),
  plan: entry(
    start,
    'what a run would do, why, and how long it would take',
    async () => (await import('./verbs/plan.ts')).plan,
  ),
  graph: entry(
    start,
    'the pipeline drawn, in the terminal or as SVG',
    async () => (await import('./verbs/graph.ts')).graph,
  ),
  get: entry(
    start,
    'bring what a step made out of the store',
    async () => (await import('./verbs/get.ts')).get,
  ),
  up: entry(
    start,
    'start the control plane, the gateway and the models',
    async () => (await import('./verbs/up.ts')).up,
  ),
  status: entry(
    look,
    'what runs, what serves where, what waits for a person',
    async () => (await import('./verbs/status.ts')).status,
  ),
  runs: entry(look, 'the runs, newest first', async () => (await import('./verbs/runs.ts')).runs),
  releases: entry(
    look,
    'the releases, newest first',
    async () => (await import('./verbs/releases.ts')).releases,
  ),
  why: entry(
    look,
    'the reason behind a step, run, release, promotion, rollout or alert',
    async () => (await import('./verbs/why.ts')).why,
  ),
  logs: entry(look, 'what the steps print', async () => (await import('./verbs/logs.ts')).logs),
  alerts: entry(
    look,
    'what the monitors found',
    async () => (await import('./verbs/alerts.ts')).alerts,
  ),
  events: entry(look, 'the audit trail', async () => (await import('./verbs/events.ts')).events),
  audit: entry(
    look,
    'verify the chain of the audit trail',
    async () => (await import('./verbs/audit.ts')).audit,
  ),
  dora: entry(
    look,
    'the five delivery numbers of each environment',
    async () => (await import('./verbs/dora.ts')).dora,
  ),
  promote: entry(
    ship,
    'ask for a release to serve in an environment',
    async () => (await import('./verbs/promote.ts')).promote,
  ),
  approve: entry(
    ship,
    'agree to a promotion that waits for a person',
    async () => (await import('./verbs/approve.ts')).approve,
  ),
  reject: entry(
    ship,
    'turn a promotion down',
    async () => (await import('./verbs/reject.ts')).reject,
  ),
  rollout: entry(
    ship,
    'watch a rollout, or pause, resume, abort or promote it',
    async () => (await import('./verbs/rollout.ts')).rollout,
  ),
  rollback: entry(
    ship,
    'go back to the previous release at once',
    async () => (await import('./verbs/rollback.ts')).rollback,
  ),
  push: entry(
    move,
    'send a release to an OCI registry',
    async () => (await import('./verbs/push.ts')).push,
  ),
  pull: entry(
    move,
    'take a release from an OCI registry, when a trusted key signed it',
    async () => (await import('./verbs/pull.ts')).pull,
  ),
  verify: entry(
    move,
    'check every part of a release: here, in a file or in a registry',
    async () => (await import('./verbs/verify.ts')).verify,
  ),
  'release diff': entry(
    look,
    'what differs between two releases, beyond noise or not',
    async () => (await import('./verbs/release-diff.ts')).releaseDiff,
  ),
  'release card': entry(
    look,
    'the model card, as Markdown or one HTML page',
    async () => (await import('./verbs/release-card.ts')).releaseCard,
  ),
  'gate plan': entry(
    look,
    'which gates the holdout can decide, before training',
    async () => (await import('./verbs/gate-plan.ts')).gatePlan,
  ),
  'gate report': entry(
    look,
    'what the gates of a run found: text, Markdown, HTML, JUnit, SARIF or JSON',
    async () => (await import('./verbs/gate-report.ts')).gateReport,
  ),
  'gate show': entry(
    look,
    'one check of a run: what was asked, what was found, and its statistics',
    async () => (await import('./verbs/gate-show.ts')).gateShow,
  ),
  'gate slices': entry(
    look,
    'where the judged model is weak: slices found and confirmed on the holdout',
    async () => (await import('./verbs/gate-slices.ts')).gateSlices,
  ),
  'gate score': entry(
    look,
    'the ML Test Score: 28 items, earned by records',
    async () => (await import('./verbs/gate-score.ts')).gateScore,
  ),
  'gate verify': entry(
    look,
    'compute every verdict of a release again from its record',
    async () => (await import('./verbs/gate-verify.ts')).gateVerify,
  ),
  rebuild: entry(
    look,
    'make a release again from its record, and say how far it is reproducible',
    async () => (await import('./verbs/rebuild.ts')).rebuild,
  ),
  'release export': entry(
    move,
    'write a release with all its evidence into one file',
    async () => (await import('./verbs/release-export.ts')).releaseExport,
  ),
  'release import': entry(
    move,
    'take a release from such a file',
    async () => (await import('./verbs/release-import.ts')).releaseImport,
  ),
  hold: entry(
    ship,
    'stop promotions to an environment, or let them go again',
    async () => (await import('./verbs/hold.ts')).hold,
  ),
  trace: entry(
    look,
    'what something was made from, what was made from it, and where that served',
    async () => (await import('./verbs/trace.ts')).trace,
  ),
  gc: entry(
    keep,
    'what nothing needs any more, and its removal',
    async () => (await import('./verbs/gc.ts')).gc,
  ),
  'why-kept': entry(
    keep,
    'the shortest reason why an object stays',
    async () => (await import('./verbs/why-kept.ts')).whyKept,
  ),
  pin: entry(
    keep,
    'make an object or release stay',
    async () => (await import('./verbs/pin.ts')).pin,
  ),
  unpin: entry(keep, 'take a pin away', async () => (await import('./verbs/unpin.ts')).unpin),
  pins: entry(keep, 'what is pinned, and why', async () => (await import('./verbs/pins.ts')).pins),
  'export-record': entry(
    keep,
    'a run or release as OpenLineage, Croissant or CycloneDX',
    async () => (await import('./verbs/export-record.ts')).exportRecord,
  ),
  'release attestations': entry(
    trust,
    'what is signed about a release, for other tools',
    async () => (await import('./verbs/release-attestations.ts')).releaseAttestations,
  ),
  keys: entry(
    trust,
    'the keys that sign here, and whose signatures count',
    async () => (await import('./verbs/keys.ts')).keys,
  ),
  'keys rotate': entry(
    trust,
    'make new keys; the old ones count for what they signed before',
    async () => (await import('./verbs/keys-rotate.ts')).keysRotate,
  ),
  'keys trust': entry(
    trust,
    'accept releases that another key signed',
    async () => (await import('./verbs/keys-trust.ts')).keysTrust,
  ),
  'keys revoke': entry(
    trust,
    'distrust a key at once and for good',
    async () => (await import('./verbs/keys-revoke.ts')).keysRevoke,
  ),
  'keys resign': entry(
    trust,
    'sign a release again with the keys of today',
    async () => (await import('./verbs/keys-resign.ts')).keysResign,
  ),
  'keys export': entry(
    trust,
    'the public keys, for those who verify elsewhere',
    async () => (await import('./verbs/keys-export.ts')).keysExport,
  ),
  'train baseline': entry(
    local,
    'train a logistic regression and write it as ONNX',
    async () => (await import('./verbs/train-baseline.ts')).trainBaselineVerb,
  ),
  'data select': entry(
    local,
    'choose rows and columns of data files',
    async () => (await import('./verbs/data-select.ts')).dataSelect,
  ),
  'data profile': entry(
    local,
    'what is in data files, column by column, in the terminal or as a page',
    async () => (await import('./verbs/data-profile.ts')).dataProfile,
  ),
  'data check': entry(
    local,
    'check data files against a list of assertions',
    async () => (await import('./verbs/data-check.ts')).dataCheck,
  ),
  'data infer': entry(
    local,
    'propose a schema from data files, with slack',
    async () => (await import('./verbs/data-infer.ts')).dataInfer,
  ),
  'data diff': entry(
    local,
    'what new data breaks of a declared schema, and the change that lets it in',
    async () => (await import('./verbs/data-diff.ts')).dataDiff,
  ),
  'import dvc': entry(
    local,
    'turn a DVC project into a Lockstep project',
    async () => (await import('./verbs/import-dvc.ts')).importDvcVerb,
  ),
  'import odcs': entry(
    local,
    'turn a data contract into the schema and checks of a dataset',
    async () => (await import('./verbs/import-odcs.ts')).importOdcsVerb,
  ),
  schema: entry(
    local,
    'print the JSON Schema of lockstep.yaml',
    async () => (await import('./verbs/schema.ts')).schema,
  ),
}

function entry(group: string, summary: string, load: () => Promise<Verb>): VerbEntry {
  return { group, summary, load }
}
