// Property tests draw the same cases on every machine, so that a red run is a change's fault and can be repeated.
// LOCKSTEP_PROPERTY_SEED=random (or a number) explores others; what it finds becomes a test of its own.
import { randomInt } from 'node:crypto'
import fc from 'fast-check'

const chosen = process.env.LOCKSTEP_PROPERTY_SEED ?? '20261124'

fc.configureGlobal({ seed: chosen === 'random' ? randomInt(2 ** 31) : Number(chosen) })
