// The model card of a release: the facts stored when it was sealed, and what became of it since.

import { manifestOf } from '../../control/reconcilers/watch-world.ts'
import { type Run, runKind } from '../../control/runs/run.ts'
import { type Promotion, promotionKind } from '../../deliver/promotions/promotion.ts'
import type { CardFacts } from '../../release/card/card-facts.ts'
import { markdownCard } from '../../release/card/card-markdown.ts'
import { htmlCard } from '../../release/card/card-page.ts'
import {
  bareFacts,
  type CardRequest,
  type RebuildSummary,
} from '../../release/card/card-request.ts'
import { readCardFacts } from '../../release/card/read-facts.ts'
import type { ReleaseManifest } from '../../release/manifest.ts'
import type { RebuildReport } from '../../release/rebuild/rebuild-report.ts'
import type { Release } from '../../release/release.ts'
import type { ApiWorld } from '../api-world.ts'
import { modelOf } from '../queries.ts'
import { releaseView } from '../views/run-view.ts'

export async function cardText(
  world: ApiWorld,
  release: Release,
  format: 'markdown' | 'html',
): Promise<string> {
  const request = await cardRequest(world, release)
  return format === 'html' ? htmlCard(request) : markdownCard(request)
}

/** Null for a release that was sealed without them. */
export function factsOf(world: ApiWorld, manifest: ReleaseManifest): Promise<CardFacts | null> {
  return readCardFacts(manifest, world.content.read)
}

async function cardRequest(world: ApiWorld, release: Release): Promise<CardRequest> {
  const manifest = await manifestOf(world, release.id)
  const run = await world.store.find<Run>(runKind, release.runId)
  const promotions = await world.store.list<Promotion>(promotionKind, { model: modelOf(world) })
  return {
    manifest,
    number: release.number,
    facts: (await factsOf(world, manifest)) ?? bareFacts(manifest, recordedGates(run)),
    signedBy: release.signedBy,
    environments: releaseView(release, run, promotions).environments,
    rebuilds: await rebuildsOf(world, release),
  }
}

function recordedGates(run: Run | undefined): CardFacts['gates'] {
  return (run?.gates ?? []).map(({ name, verdict, checks }) => ({
    name,
    verdict,
    checks: checks.map(({ id: _id, ...check }) => ({ ...check, n: null, method: null })),
  }))
}

/** Newest first; a report that is no longer stored is left out. */
export async function rebuildsOf(world: ApiWorld, release: Release): Promise<RebuildSummary[]> {
  const all = await world.runWorld().attestations.of(release.manifestDigest)
  const found: RebuildSummary[] = []
  for (const { digest } of all.filter(({ kind }) => kind === 'rebuild').reverse()) {
    const envelope = await world.content.read(digest).catch(() => null)
    if (envelope === null) continue
    const { payload } = JSON.parse(envelope.toString('utf8')) as { readonly payload: string }
    const statement = JSON.parse(Buffer.from(payload, 'base64').toString('utf8')) as {
      readonly predicate: RebuildReport
    }
    const { level, because, finishedAt } = statement.predicate
    found.push({ level, because, finishedAt })
  }
  return found
}
