// A release's life: sealed from a run, blocked and unblocked by people, quarantined when its bytes are in doubt, yanked.
import { describe, expect, test } from 'vitest'
import { digestOf } from '../foundation/digest.ts'
import type { Draft, Intent } from '../store/object.ts'
import { decideRelease, type SeenOfRelease } from './decide-release.ts'
import { manifestDigest } from './manifest.ts'
import type { Release } from './release.ts'
import { cleared, key, manifest, model, seal, shelf, verifyOn } from './sample-release.ts'
import { sealRelease } from './seal-release.ts'

describe('sealing', () => {
  test('names the release after its manifest and signs it', async () => {
    const sealed = seal()
    expect(sealed.release).toMatchObject({
      id: `rel_${manifestDigest(manifest).slice(7, 33)}`,
      phase: 'sealed',
      number: 3,
      digest: manifestDigest(manifest),
      modelDigest: digestOf(model),
      runId: 'run_1',
      signedBy: key.keyId,
    })
    const verified = await verifyOn(sealed, shelf(sealed))
    expect(verified).toEqual({ manifest, keyId: key.keyId })
  })

  test('is repeatable byte for byte, and any change of content changes the id', () => {
    expect(seal()).toEqual(seal())
    expect(seal({ seed: 8 }).release.id).not.toBe(seal().release.id)
  })

  test.each(['fail', 'insufficient', 'error'])(
    'refuses a run whose gates ended with %s',
    (verdict) => {
      const refused = sealRelease({
        manifest: { ...manifest, gates: { ...manifest.gates, verdict } },
        number: 3,
        signer: key,
        clearance: cleared,
      })
      expect(refused).toMatchObject({
        refused: 'release.gates_not_cleared',
        because: `run run_1 makes no release: its gates ended with '${verdict}', allowed are pass, warn, waived`,
      })
    },
  )
})

describe('blocking and yanking', () => {
  const stored = (draft: Draft<Release>) =>
    ({ ...draft, revision: 1, createdAt: 0, updatedAt: 0 }) as Release
  const sealed = stored(seal().release)
  const calm: SeenOfRelease = { intents: [], servingIn: [], integrity: null }
  const intent = (command: string, reason: string | null = 'wrong labels'): Intent => ({
    id: `int_${command}`,
    kind: 'release',
    objectId: sealed.id,
    command,
    actor: 'person:olga',
    reason,
    payload: {},
    writtenAt: 0,
  })

  test('a person blocks with a reason, and unblocks; the objection goes with the block', () => {
    const blocked = decideRelease(sealed, { ...calm, intents: [intent('block')] }, 0)
    expect(blocked.next).toMatchObject({
      phase: 'blocked',
      objection: { because: 'wrong labels', by: 'person:olga' },
    })
    expect(blocked.event?.because).toMatch(/^release 3 \(.*\) is blocked: wrong labels$/)
    const seen = { ...calm, intents: [intent('unblock', 'labels are right')] }
    const back = decideRelease(stored(blocked.next), seen, 0)
    expect(back.next).toEqual(seal().release)
  })

  test.each([
    ['block', null, 'release.reason_missing', /a reason is required/],
    ['unblock', 'why not', 'release.not_blocked', /only a blocked one/],
    ['burn', 'why not', 'release.unknown_command', /allowed are block, unblock, yank/],
  ])('%s without its condition is answered no', (command, reason, _code, sentence) => {
    const decision = decideRelease(sealed, { ...calm, intents: [intent(command, reason)] }, 0)
    expect(decision.next.phase).toBe('sealed')
    expect(decision.event).toBeUndefined()
    expect(decision.answers).toMatchObject([
      { accepted: false, because: expect.stringMatching(sentence) },
    ])
  })

  test('a serving release is not yanked from under its traffic', () => {
    const seen = { ...calm, intents: [intent('yank')], servingIn: ['production'] }
    expect(decideRelease(sealed, seen, 0).answers).toMatchObject([
      { accepted: false, because: expect.stringContaining('serves in production; roll back') },
    ])
    const gone = decideRelease(sealed, { ...seen, servingIn: [] }, 0)
    expect(gone.next.phase).toBe('yanked')
    const again = decideRelease(stored(gone.next), { ...calm, intents: [intent('block')] }, 0)
    expect(again.answers).toMatchObject([
      { accepted: false, because: expect.stringContaining('nothing, it is final') },
    ])
  })

  test('a failed integrity check quarantines by itself', () => {
    const integrity = { refused: 'release.model_changed', because: 'the model was changed' }
    const decision = decideRelease(sealed, { ...calm, integrity }, 0)
    expect(decision.next.phase).toBe('quarantined')
    expect(decision.event?.because).toContain('the model was changed')
  })
})
