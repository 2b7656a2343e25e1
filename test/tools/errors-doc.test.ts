import { describe, expect, it } from 'vitest';
import { readSources, renderErrorsDoc, undeclaredCodes } from '../../tools/errors-doc.ts';
import { run } from '../../tools/lib/process.ts';

const spec = { code: 'ami.line_too_long', status: 502, meaning: 'a | b', mend: 'Do\nthis.' };

describe('the page of error codes', () => {
  it('has one row for each code, with bars and line ends kept out of the table', () => {
    expect(renderErrorsDoc([spec]).split('\n').at(-2)).toBe('| `ami.line_too_long` | 502 | a \\| b | Do this. |');
  });

  it('is up to date in the tree', async () => {
    const { code, output } = await run('node', ['tools/generate.ts', '--check', '--only', 'errors'], {
      timeoutMs: 14_000,
    });
    expect(output).toContain('up to date');
    expect(code).toBe(0);
  });
});

describe('codes used in the source', () => {
  const declared = new Set(['ami.line_too_long']);
  const found = (text: string): string[] => undeclaredCodes(new Map([['src/x.ts', text]]), declared);

  it.each([
    `if (error.code === 'ami.line_too_short') return;`,
    `return { code: 'ami.line_too_short' };`,
    `expect(error).toHaveProperty('code', "ami.line_too_short");`,
  ])('are reported when nobody declares them: %s', (text) => {
    expect(found(text)).toEqual(['src/x.ts: ami.line_too_short is not declared by defineErrors']);
  });

  it.each([`error.code === 'ami.line_too_long'`, `code: 'crypto.subtle'`, `code === 'ECONNRESET'`])(
    'are left alone when declared, or of no area of ours: %s',
    (text) => {
      expect(found(text)).toEqual([]);
    },
  );

  it('are all on the page', async () => {
    const page = await import('node:fs/promises').then((fs) => fs.readFile('docs/errors.md', 'utf8'));
    const codes = new Set([...page.matchAll(/^\| `([^`]+)`/gm)].map(([, code = '']) => code));
    expect(codes.size).toBeGreaterThan(0);
    expect(undeclaredCodes(await readSources(), codes)).toEqual([]);
  });
});
