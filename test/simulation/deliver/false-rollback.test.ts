// How often the whole judgement of a rollout is wrong, and how fast it is right, with a look after every hundred requests.
import { expect, test } from 'vitest'
import { analyseRollout } from '../../../src/deliver/rollouts/analyse-rollout.ts'
import { noEvidence } from '../../../src/deliver/rollouts/rollout-evidence.ts'
import { production } from '../../../src/deliver/sample-delivery.ts'
import { randomStream } from '../../../src/foundation/random.ts'

const lookEvery = 100

/** Requests until the analysis says fail, or null within the horizon. */
function requestsToFail(
  seed: number,
  rates: { stable: number; candidate: number },
  horizon: number,
): number | null {
  const random = randomStream(seed, 'false rollback')
  const stable = { requests: 0, errors: 0 }
  const candidate = { requests: 0, errors: 0 }
  for (let sent = 1; sent <= horizon; sent++) {
    const isCandidate = random.below(10) === 0
    const arm = isCandidate ? candidate : stable
    arm.requests += 1
    if (random.next() < (isCandidate ? rates.candidate : rates.stable)) arm.errors += 1
    if (sent % lookEvery !== 0) continue
    const segments = [{ candidateBp: 1000, stable, candidate }]
    if (analyseRollout({ ...noEvidence, segments }, production.analysis).verdict === 'fail')
      return sent
  }
  return null
}

test('two equal releases at 1 % errors: fewer false rollbacks than alpha 0.05, however often one looks', () => {
  const lives = 400
  let wrong = 0
  for (let seed = 0; seed < lives; seed++) {
    if (requestsToFail(seed, { stable: 0.01, candidate: 0.01 }, 10_000) !== null) wrong += 1
  }
  console.log(`false rollbacks: ${wrong} of ${lives}, 100 looks each`)
  // 0.05 × 400 = 20 expected at the very bound; three standard deviations above it would be 33.
  expect(wrong).toBeLessThanOrEqual(20)
})

test('a candidate that fails on a fifth of its answers is found within a few dozen of them', () => {
  const found = Array.from({ length: 100 }, (_, seed) =>
    requestsToFail(seed, { stable: 0.001, candidate: 0.2 }, 10_000),
  )
  const requests = found.map((at) => at ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b)
  console.log(
    `requests until taken back: median ${requests[50]}, 95 % by ${requests[95]} (a tenth of them the candidate's)`,
  )
  expect(requests[95]).toBeLessThanOrEqual(1000)
})
