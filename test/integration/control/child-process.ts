// What control, gateway and replica processes have in common, and nothing else.
import { enterChild, leave } from '../../../src/main/child-process.ts'

const life = enterChild()
const alive = setInterval(() => {}, 1000)
life.stopSignal.addEventListener('abort', () => {
  clearInterval(alive)
  leave(0)
})
life.ready()
