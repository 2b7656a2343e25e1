import { defineConfig } from 'vitest/config';
import { labProjects } from './tools/lib/test-projects.ts';

/** More runs of each property, by other seeds; test/setup/more-runs.ts. */
const hasMoreRuns = process.env['RINGMASTER_PROPERTY_RUNS'] !== undefined;

/** Unit tests: no neighbours, in any order. What needs the lab is in vitest.lab.config.ts. */
export default defineConfig({
  test: {
    name: 'unit',
    include: ['test/**/*.test.ts'],
    exclude: labProjects.map((project) => `test/${project}/**`),
    allowOnly: false,
    // Vitest would leave a core idle; of two that is half of the time.
    maxWorkers: '100%',
    sequence: { shuffle: { files: true, tests: true } },
    setupFiles: hasMoreRuns ? ['test/setup/more-runs.ts'] : [],
    testTimeout: hasMoreRuns ? 30 * 60_000 : 15_000,
  },
});
