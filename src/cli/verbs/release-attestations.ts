// `lockstep release attestations`: what is signed and said about a release, to read or to give to other tools.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { AttestationView } from '../../api/contract/trust-routes.ts'
import { indent, table } from '../render/text.ts'
import type { Verb } from '../verb.ts'

export const releaseAttestations: Verb = {
  args: [['<release>', 'a release number or id']],
  options: [['--out <folder>', 'write each document there']],
  notes:
    'model-signature is an OpenSSF model-signing bundle, provenance is SLSA v1, gates are in-toto test results and\nthe numbers behind them. All are in-toto statements.',
  examples: [
    ['release attestations 3', 'what there is'],
    ['release attestations 3 --out signed', 'one file each, for cosign, in-toto or model_signing'],
  ],
  run: async ({ args, output, connect }) => {
    const { api } = await connect('read')
    const all = await api.attestations(args.at(0) ?? '')
    const folder = args.text('out')
    output.document(all)
    if (folder === undefined) {
      const rows = all.map(({ kind, mediaType, digest, size, predicateType }) => [
        kind,
        digest.slice(7, 19),
        size,
        predicateType ?? mediaType,
      ])
      output.print(...table(['kind', 'digest', 'bytes', 'what it is'], rows))
      return 0
    }
    const files = await writeAll(all, folder)
    output.print(
      `${output.paint.good('✓ wrote')} ${files.length} files to ${folder}`,
      ...indent(files),
      `next: model_signing verify key MODEL_FOLDER --signature ${join(folder, 'model-signature.json')} --public_key model.pem`,
    )
    return 0
  },
}

/** The newest of a kind has a plain name: it is what other tools are pointed at. */
async function writeAll(all: readonly AttestationView[], folder: string): Promise<string[]> {
  await mkdir(folder, { recursive: true })
  const names = new Map<string, number>()
  const written: string[] = []
  for (const { kind, mediaType, predicateType, text } of all.toReversed()) {
    if (text === null) continue
    const stem = predicateType?.includes('test-result') ? 'test-results' : kind
    const count = (names.get(stem) ?? 0) + 1
    names.set(stem, count)
    const ending = mediaType.includes('json') ? 'json' : mediaType.includes('html') ? 'html' : 'txt'
    const name = `${stem}${count === 1 ? '' : `-${count}`}.${ending}`
    await writeFile(join(folder, name), text)
    written.push(name)
  }
  return written
}
