/**
 * `npm run generate`: writes every generated file, or with --check says which are stale. A generator is a file
 * `tools/generate-*.ts` that exports `generate({ check })` and gives the paths it changed or found stale.
 */
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { errorText } from '../src/kernel/index.ts';
import { generate as generateErrorsDoc } from './errors-doc.ts';
import { root } from './lib/process.ts';

/** The paths that were changed or found stale; the ARI generator gives them by name. */
type Outcome = readonly string[] | { readonly changed: readonly string[] };
type Generate = (options: { check: boolean }) => Outcome | Promise<Outcome>;

const help = `npm run generate -- [--check] [--only NAME,…]

Writes all generated files. Names: errors, and NAME for each tools/generate-NAME.ts.
With --check nothing is written; exit code 1 when a file is stale.`;

/** All generators by name; loaded only when they are asked for. */
function generators(): Map<string, () => Promise<Generate>> {
  const found = new Map<string, () => Promise<Generate>>([['errors', () => Promise.resolve(generateErrorsDoc)]]);
  for (const path of globSync('tools/generate-*.ts', { cwd: root }).sort()) {
    const name = basename(path, '.ts').slice('generate-'.length);
    found.set(name, async () => {
      const module = (await import(pathToFileURL(join(root, path)).href)) as { generate?: Generate };
      if (!module.generate) throw new Error(`${path} does not export generate`);
      return module.generate;
    });
  }
  return found;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { check: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const all = generators();
  const check = values.check ?? false;
  let failed = false;
  for (const name of values.only?.split(',') ?? all.keys()) {
    const load = all.get(name);
    if (!load) throw new Error(`unknown generator: ${name}; there are ${[...all.keys()].join(', ')}`);
    try {
      const generate = await load();
      const outcome = await generate({ check });
      const paths = 'changed' in outcome ? outcome.changed : outcome;
      console.log(
        `${name.padEnd(10)} ${paths.length === 0 ? 'up to date' : `${check ? 'stale' : 'written'}: ${paths.join(', ')}`}`,
      );
      failed ||= check && paths.length > 0;
    } catch (error) {
      console.error(`${name.padEnd(10)} failed: ${errorText(error)}`);
      failed = true;
    }
  }
  if (failed && check) console.error('Mend stale files with: npm run generate');
  return failed ? 1 : 0;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(errorText(error));
  return 2;
});
