import { defineConfig } from 'vitest/config';
import { labProjects } from './tools/lib/test-projects.ts';

/** Unit tests: no neighbours, in any order. What needs the lab is in vitest.lab.config.ts. */
export default defineConfig({
  test: {
    name: 'unit',
    include: ['test/**/*.test.ts'],
    exclude: labProjects.map((project) => `test/${project}/**`),
    allowOnly: false,
    sequence: { shuffle: { files: true, tests: true } },
    testTimeout: 15_000,
  },
});
