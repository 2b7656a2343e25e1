import { defineConfig } from 'vitest/config';
import { labProjects } from './tools/lib/test-projects.ts';

/**
 * Tests against the real Asterisk, Redis and PostgreSQL. The set-up belongs to the root, not to the projects, so that
 * the lab starts once for all of them; it provides the lab's addresses to `inject`.
 */
export default defineConfig({
  test: {
    globalSetup: ['./test/setup/lab.ts'],
    maxWorkers: 2,
    projects: labProjects.map((name) => ({
      test: {
        name,
        include: [`test/${name}/**/*.test.ts`],
        allowOnly: false,
        testTimeout: 30_000,
        hookTimeout: 60_000,
        teardownTimeout: 30_000,
      },
    })),
  },
});
