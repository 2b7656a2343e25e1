import { describe, expect, it } from 'vitest';
import { tidy } from '../../tools/lib/tidy-rules.ts';

const faults = (path: string, text: string): string[] => tidy(new Map([[path, text]]));

/** Planted faults are put together here so that the tidy step does not find them in this file. */
const planted: readonly (readonly [path: string, text: string])[] = [
  ['src/a.ts', `// ${'TO'}DO later`],
  ['tools/a.ts', `// ${'FIX'}ME`],
  ['test/a.test.ts', `it${'.only'}('x', () => {});`],
  ['test/a.test.ts', `describe${'.skip'}('x', () => {});`],
  ['test/a.test.ts', `it.concurrent${'.skip'}('x', () => {});`],
  ['test/a.test.ts', `it${'.skipIf'}(true)('x', () => {});`],
  ['src/a.ts', `// @ts-${'ignore'}`],
  ['docs/a.md', `see ${'/ro'}ot/place`],
  ['src/a.ts', `const home = '${'/wo'}rk/main';`],
  ['config/load.ts', `import { reduceCall } from '../src/call/index.ts';`],
  ['src/long.ts', 'x;\n'.repeat(401)],
  ['README.md', '# Ringmaster'],
  ['package-lock.json', '{"packages":{"node_modules/a":{"optionalDependencies":{"@a/darwin":"1.0.0"}}}}'],
];

const innocent: readonly (readonly [path: string, text: string])[] = [
  ['src/a.ts', `const url = 'https://example.org/work/main';`],
  ['test/a.test.ts', `it('x', (context) => context.skip('no Asterisk'));`],
  ['config/load.ts', `import type { Call } from '../src/call/index.ts';`],
  ['src/ari/generated/types.ts', 'x;\n'.repeat(401)],
  ['src/long.ts', 'x;\n'.repeat(400)],
  ['package-lock.json', '{"packages":{"":{"optionalDependencies":{"a":"1"}},"node_modules/a":{}}}'],
];

describe('the tidy rules', () => {
  it.each(planted)('find the fault in %s: %s', (path, text) => {
    expect(faults(path, text)).toHaveLength(1);
  });

  it.each(innocent)('leave alone %s: %s', (path, text) => {
    expect(faults(path, text)).toEqual([]);
  });

  it('name the place', () => {
    expect(faults('src/a.ts', `\n// ${'TO'}DO`)[0]).toMatch(/^src\/a\.ts:2: /);
  });
});
