// `lockstep up`: serves in the foreground until Ctrl-C.
import type { Verb } from '../verb.ts'

export const up: Verb = {
  options: [
    ['--port <port>', 'port of the API and the console (default: control.port in lockstep.yaml)'],
  ],
  notes:
    'Serves until Ctrl-C, which ends every process it started. Traffic goes on while the control plane restarts.',
  examples: [
    ['up', 'serve the project in this folder'],
    ['up --port 7171', 'with the API elsewhere'],
    ['up --project ~/models/income', 'serve another folder'],
  ],
  run: ({ world, args, projectDir, actor, output }) => {
    const port = args.number('port')
    if (port !== undefined && !(Number.isInteger(port) && port >= 1 && port <= 65_535)) {
      throw args.usage(`--port is ${port}; it must be a whole number from 1 to 65535`)
    }
    const color = !args.off('color')
    return world.up({
      projectDir,
      actor,
      json: output.json,
      color,
      ...(port === undefined ? {} : { port }),
    })
  },
}
