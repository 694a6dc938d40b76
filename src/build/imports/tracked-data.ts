// `.dvc` files: data that DVC keeps outside git. Each becomes a dataset. Pure.
import { dirname } from 'node:path/posix'
import { isRefusal } from '../../foundation/refusal.ts'
import type { Notes } from './dvc-notes.ts'
import { joined, nameFrom, unused } from './dvc-paths.ts'
import { isList, isMap, parseDvcFile, pythonText } from './dvc-values.ts'
import type { ImportedDataset, ProjectFiles } from './imported-project.ts'

export function trackedData(files: ProjectFiles, notes: Notes): ImportedDataset[] {
  const taken = new Set<string>()
  return files.paths
    .filter((path) => path.endsWith('.dvc'))
    .flatMap((path) => outsOf(path, files, notes))
    .map((path) => {
      const name = nameFrom((path.split('/').at(-1) ?? path).replace(/\.[^.]*$/, ''), 'data')
      return { name: unused(name, taken), path }
    })
}

function outsOf(file: string, files: ProjectFiles, notes: Notes): string[] {
  const parsed = parseDvcFile(file, files.read(file) ?? '')
  if (isRefusal(parsed)) {
    notes.add('left_out', file, parsed.because)
    return []
  }
  noteOrigin(parsed, file, notes)
  const outs = parsed.get('outs')
  if (!isList(outs)) {
    notes.add('left_out', file, 'it names no outs')
    return []
  }
  const folder = dirname(file) === '.' ? '' : dirname(file)
  const wdir = joined(folder, pythonText(parsed.get('wdir') ?? ''))
  return outs.flatMap((out) => {
    const text = isMap(out) ? out.get('path') : undefined
    const path = isRefusal(wdir) || typeof text !== 'string' ? wdir : joined(wdir, text)
    if (isRefusal(path) || path === '' || typeof text !== 'string') {
      notes.add('left_out', file, isRefusal(path) ? path.because : 'an out of it has no path')
      return []
    }
    if (files.kindOf(path) === null)
      notes.add(
        'to_do',
        file,
        `${path} is not in the folder: fetch it with dvc pull before the first run`,
      )
    else
      notes.add(
        'translated',
        file,
        `${path} is a dataset; its version is the digest of its bytes, so the .dvc file is not needed any more`,
      )
    return [path]
  })
}

function noteOrigin(parsed: ReadonlyMap<string, unknown>, file: string, notes: Notes): void {
  if (parsed.has('deps'))
    notes.add(
      'left_out',
      file,
      'it was imported from elsewhere (dvc import or import-url); where from is not kept, and it is not updated by itself. To fetch it anew, make that a step',
    )
  if (parsed.has('cmd'))
    notes.add(
      'to_do',
      file,
      'it holds a command, as DVC wrote stages before 1.0; declare that as a step by hand',
    )
}
