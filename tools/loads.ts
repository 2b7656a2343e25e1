/**
 * Holds the tree against plain Node, on which the server runs: vitest and tsc also take what Node's type stripping
 * refuses or spoils. First the canary. Then the server's parts are loaded, not started, to see that a plain start does
 * without the packages that only some sites need. Runs under `--experimental-vm-modules`, which can parse without running.
 */
import { globSync, readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { SourceTextModule } from 'node:vm';
import { errorText } from '../src/kernel/index.ts';
import { root } from './lib/process.ts';

/** Each is a megabyte or more of the server at rest: `import()` them where the configuration asks for them. */
const onDemand = [
  'typebox',
  '@fastify/type-provider-typebox',
  'pg',
  'ioredis',
  'csv-parse',
  'jose',
  'luxon',
  'chinese-days',
  '@marcbachmann/cel-js',
];

/** TypeScript that Node cannot run as it is; the last is stripped without complaint, and then no JavaScript. */
const faults = [
  'export class Call { constructor(readonly id: string) {} }',
  'export enum Phase { waiting }',
  'export class Readiness { private declare(name: string): void {} }',
];

/** What keeps Node from running this text; undefined when nothing does. */
function refusal(text: string, identifier: string): string | undefined {
  try {
    void new SourceTextModule(stripTypeScriptTypes(text), { identifier });
    return undefined;
  } catch (error) {
    return errorText(error);
  }
}

/** Node's own fetch and WebSocket: loaded at the first touch, also by an import of `node:http`. */
const hiddenUndici = 'NativeModule internal/deps/undici/undici';

/** Loads what `npm start` loads, and gives the packages that came in. */
async function packagesOfTheServer(): Promise<ReadonlySet<string>> {
  const packages = new Set<string>();
  const hooks = registerHooks({
    load(url, context, nextLoad) {
      const name = /\/node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(url)?.[1];
      if (name) packages.add(name);
      return nextLoad(url, context);
    },
  });
  await import('../src/serve.ts');
  hooks.deregister();
  return packages;
}

const missed = faults.filter((text) => refusal(text, 'planted') === undefined);
// The page is bundled, never run by Node.
const files = globSync('{src,config,lab,bench,sim,tools,test}/**/*.ts', { cwd: root, exclude: ['src/desktop/**'] });
const refused = files.flatMap((file) => {
  const reason = file.endsWith('.d.ts') ? undefined : refusal(readFileSync(join(root, file), 'utf8'), file);
  return reason === undefined ? [] : [`${file}: ${reason}`];
});
const loaded = refused.length > 0 ? new Set<string>() : await packagesOfTheServer();
const problems = [
  ...missed.map((text) => `not caught: ${text}`),
  ...refused,
  ...(refused.length === 0 && !loaded.has('fastify') ? ['no packages were seen while the server was loaded'] : []),
  ...onDemand
    .filter((name) => loaded.has(name))
    .map((name) => `src/serve.ts loads ${name}: import() it where it is used`),
];
const { moduleLoadList } = process as unknown as { readonly moduleLoadList: readonly string[] };
if (moduleLoadList.includes(hiddenUndici)) {
  problems.push(
    "src/serve.ts loads Node's own undici, 4 MB: take createServer by process.getBuiltinModule('node:http')",
  );
}
for (const problem of problems) console.error(problem);
console.log(`${files.length} files as Node takes them, ${loaded.size} packages at a plain start`);
process.exit(problems.length > 0 ? 1 : 0);
