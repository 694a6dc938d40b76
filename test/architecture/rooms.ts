// The plan of the house as ARCHITECTURE.md tells it: the rooms from the ground to the roof, and the order inside them.

/** A room may import the rooms before it and nothing else. */
export const rooms: readonly string[] = [
  'foundation',
  'store',
  'project',
  'build',
  'verify',
  'release',
  'serve',
  'observe',
  'deliver',
  'control',
  'api',
  'client',
  'cli',
  'story',
  'main',
]

/** Inside these rooms an earlier folder never imports a later one. The dot is where files of the room itself stand; without one they stand anywhere. */
export const foldersOf: Readonly<Record<string, readonly string[]>> = {
  build: ['artifacts', 'tables', 'baseline', 'pipeline', 'executors', 'runtimes', 'imports', '.'],
  release: ['.', 'attest', 'card', 'report', 'package', 'rebuild'],
  verify: ['statistics', 'data', 'metrics', 'fairness', 'readiness', 'security', 'gates', '.'],
  serve: ['protocol', 'runtime', 'gateway', '.'],
  observe: ['ledger', 'profiles', 'drift', 'monitors', '.'],
  deliver: ['environments', 'policy', 'promotions', 'rollouts', 'platforms', 'triggers', '.'],
  control: ['runs', 'gates', 'rebuild', 'keeping', 'interop', '.', 'reconcilers'],
  // Files of the room itself stand around the areas: they are given the world and put together by it.
  api: ['contract', 'views', 'areas'],
  // `verbs.ts` lists the verbs and each verb is a `Verb`: the files of the room stand around both folders.
  cli: ['render', 'verbs'],
}

/** These see less than what lies below them, so that they stay thin or fit into a browser. */
export const allowedBelow: Readonly<Record<string, readonly string[]>> = {
  'src/api/contract': ['src/api/contract'],
  'src/client': ['src/foundation', 'src/api/contract'],
  'src/cli': ['src/foundation', 'src/client', 'src/api/contract', 'src/project', 'src/build'],
  'src/story': [
    'src/foundation',
    'src/project',
    'src/build/tables',
    'src/serve/protocol',
    'src/client',
    'src/api/contract',
  ],
}

/** `src/deliver/policy/freezes.ts` → `deliver`; null outside `src`. */
export function roomOf(path: string): string | null {
  return /^src\/([^/]+)\//.exec(path)?.[1] ?? null
}

/** `src/deliver/policy/freezes.ts` → `policy`; `.` for a file of the room itself. */
export function folderOf(path: string): string {
  return /^src\/[^/]+\/([^/]+)\//.exec(path)?.[1] ?? '.'
}
