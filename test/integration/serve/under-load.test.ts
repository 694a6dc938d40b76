// What happens to traffic while releases are swapped, taken back, killed or frozen: nothing that a client could see.
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Answered, addBody, freePort, inferPath, Stage } from './stage.ts'

let stage: Stage
let port: number
beforeEach(async () => {
  stage = await Stage.open()
  port = await freePort()
})
afterEach(() => stage.close())

/** Eight clients that ask one request after the other until told to stop. */
function startLoad(): { readonly stop: () => Promise<readonly Answered[]> } {
  const answers: Answered[] = []
  let stopped = false
  const client = async () => {
    while (!stopped) {
      answers.push(await stage.ask({ port }, { path: inferPath, body: addBody(1, 2) }))
    }
  }
  const clients = Promise.all(Array.from({ length: 8 }, client))
  return {
    stop: async () => {
      stopped = true
      await clients
      return answers
    },
  }
}

function sumIn({ text }: Answered): number | undefined {
  return (JSON.parse(text) as { outputs?: { data: number[] }[] }).outputs?.[0]?.data[0]
}

async function answersAtLeast(count: number): Promise<void> {
  for (let asked = 0; asked < count; asked++) {
    await stage.ask({ port }, { path: inferPath, body: addBody(1, 2) })
  }
}

describe('given a model under load', () => {
  it('when releases are swapped fifty times, then no request fails and each answer is of the release it names', async () => {
    const one = await stage.replica('adder', '1')
    const two = await stage.replica('adder-plus-ten', '2')
    const { admin } = await stage.gateway()
    await stage.route(admin, 1, port, { stable: one })
    const load = startLoad()
    for (let epoch = 2; epoch <= 51; epoch++) {
      await answersAtLeast(4)
      await stage.route(admin, epoch, port, { stable: epoch % 2 === 0 ? two : one })
    }
    const answers = await load.stop()
    expect(answers.length).toBeGreaterThan(500)
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
    for (const answer of answers) {
      expect(sumIn(answer)).toBe(answer.headers['x-lockstep-release'] === '2' ? 13 : 3)
    }
  })

  it('when it is rolled back, then no request sent afterwards meets the bad release', async () => {
    const stable = await stage.replica('adder', '1')
    const candidate = await stage.replica('adder-plus-ten', '2')
    const { admin } = await stage.gateway()
    const rollout = { rolloutId: 'rlt_1', stable, candidate, candidateBp: 10_000 }
    await stage.route(admin, 1, port, rollout)
    const load = startLoad()
    await answersAtLeast(50)
    await stage.route(admin, 2, port, { ...rollout, candidateBp: 0 })
    for (let asked = 0; asked < 50; asked++) {
      const answered = await stage.ask({ port }, { path: inferPath, body: addBody(1, 2) })
      expect(answered.headers['x-lockstep-release']).toBe('1')
    }
    expect((await load.stop()).filter(({ status }) => status !== 200)).toEqual([])
  })

  it('when one of two replicas is killed, then no request fails', async () => {
    const { target: left, child } = await stage.replicaChild('adder', '1', 'left')
    const { target: right } = await stage.replicaChild('adder', '1', 'right')
    const { admin } = await stage.gateway()
    const stable = { ...left, replicas: [...left.replicas, ...right.replicas] }
    await stage.route(admin, 1, port, { stable })
    const load = startLoad()
    await answersAtLeast(100)
    child.kill('SIGKILL')
    await answersAtLeast(100)
    const answers = await load.stop()
    expect(answers.length).toBeGreaterThan(200)
    expect(answers.filter(({ status }) => status !== 200)).toEqual([])
  })

  it('when the only replica is killed and started again, then requests wait for it and none fails', async () => {
    const { target: stable, child } = await stage.replicaChild('adder', '1')
    const { admin } = await stage.gateway()
    await stage.route(admin, 1, port, { stable })
    const load = startLoad()
    await answersAtLeast(100)
    child.kill('SIGKILL')
    await stage.replicaChild('adder', '1')
    await answersAtLeast(100)
    expect((await load.stop()).filter(({ status }) => status !== 200)).toEqual([])
  })

  it('when the replica hangs, then requests end with 504 at the deadline and count as errors', async () => {
    const { target: stable, child } = await stage.replicaChild('adder', '1')
    const { admin, gateway } = await stage.gateway({ deadlineMs: 150 })
    await stage.route(admin, 1, port, { stable })
    await answersAtLeast(5)
    child.kill('SIGSTOP')
    const answered = await stage.ask({ port }, { path: inferPath, body: addBody(1, 2) })
    expect([answered.status, answered.text]).toEqual([
      504,
      '{"error":"release 1 did not answer before the deadline"}',
    ])
    await gateway.stop()
    const counts = await stage.evidence()
    expect(counts.reduce((sum, { errors }) => sum + errors, 0)).toBe(1)
  })

  it('when the gateway stops, then requests on their way are answered', async () => {
    const stable = await stage.replica('adder', '1')
    const { admin } = await stage.gateway()
    await stage.route(admin, 1, port, { stable })
    const asked = Array.from({ length: 8 }, () =>
      stage.ask({ port }, { path: inferPath, body: addBody(1, 2) }),
    )
    await Promise.race(asked)
    const drained = await stage.ask(admin, { method: 'POST', path: '/drain' })
    expect(drained.status).toBe(202)
    expect((await Promise.all(asked)).map(({ status }) => status)).toEqual(Array(8).fill(200))
  })
})
