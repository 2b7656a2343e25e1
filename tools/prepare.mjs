/**
 * `npm ci` runs this at its end: builds the live page when the means are there. Plain JavaScript, because the Node that
 * npm started may be older than the one the project brings. Without development packages there is nothing to do: the
 * server serves what was built elsewhere, or says how to build it.
 */
import { fileURLToPath } from 'node:url';

process.chdir(fileURLToPath(new URL('..', import.meta.url)));
const vite = await import('vite').catch(() => undefined);
if (vite) await vite.build({ configFile: 'vite.config.ts', logLevel: 'warn' });
