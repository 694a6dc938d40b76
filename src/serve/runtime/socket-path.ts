// Unix socket paths have a hard limit that the kernel reports as a bare EINVAL; here it gets its sentence.
import { LockstepError } from '../../foundation/errors.ts'

/** sun_path is 108 bytes with its closing zero on Linux (unix(7)), 104 on macOS. */
const longest = process.platform === 'linux' ? 107 : 103

export function checkSocketPath(path: string): void {
  const bytes = Buffer.byteLength(path)
  if (bytes <= longest) return
  throw new LockstepError({
    code: 'serve.socket_path_too_long',
    kind: 'invalid',
    message: `socket path ${path} has ${bytes} bytes, and the system allows ${longest}`,
    hint: 'move the project to a folder with a shorter path',
    details: { path, bytes, longest },
  })
}
