// One test runner, several suites: `npm test` runs those that need nothing but the clone.
import { defineConfig } from 'vitest/config'

const suite = (name: string, include: string[], testTimeout = 20_000) => ({
  extends: true as const,
  test: { name, include, testTimeout, hookTimeout: 60_000 },
})

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    setupFiles: ['test/support/property-seed.ts'],
    // onnxruntime would write usage records into the home folder.
    env: { ORT_DISABLE_TELEMETRY: '1' },
    projects: [
      suite('unit', ['src/**/*.test.ts']),
      suite('architecture', ['test/architecture/**/*.test.ts']),
      suite(
        'integration',
        ['test/integration/**/*.test.ts', 'test/contract/**/*.test.ts', 'test/golden/**/*.test.ts'],
        60_000,
      ),
      suite('simulation', ['test/simulation/**/*.test.ts'], 300_000),
      suite('e2e', ['test/e2e/**/*.test.ts'], 300_000),
      suite('browser', ['test/browser/**/*.test.ts'], 120_000),
    ],
  },
})
