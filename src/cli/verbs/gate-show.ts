// `lockstep gate show`: one check of a judged run, with what was asked, what was found and what the verdict follows from.
import { checkDetail } from '../render/gate-check.ts'
import { pageWidth } from '../render/gates.ts'
import type { Verb } from '../verb.ts'

export const gateShow: Verb = {
  args: [
    ['<check>', 'its id, its line as written, or a part that only it has'],
    ['[subject]', 'a run number, or release:3; the last judged run when left out'],
  ],
  examples: [
    ["gate show 'gap(tpr)'", 'the fairness check, with every group and its interval'],
    ['gate show quality.roc_auc 12', 'of run 12'],
    ['gate show ece --json | jq .statistics', 'the numbers the verdict can be computed from'],
  ],
  run: async (call) => {
    const { args, output } = call
    const { api } = await call.connect('read')
    const subject = args.at(1)
    const check = await api.gateCheck({
      check: args.at(0) ?? '',
      ...(subject ? { subject } : {}),
    })
    output.document(check)
    output.print(...checkDetail(check, output.paint, Math.min(pageWidth, output.columns)))
    return 0
  },
}
