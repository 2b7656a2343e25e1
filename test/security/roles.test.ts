import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { grantOf, roleNames, scopeNames, scopesOf } from '../../src/security/index.ts';

describe.each(['docs/security.md', 'docs/security.zh-CN.md'])('the table of rights in %s', (file) => {
  const text = readFileSync(file, 'utf8');
  const words = { has: 'yes', may: 'key' } as const;

  it.each([...scopeNames])('tells who holds %s', (scope) => {
    const cells = roleNames.map((role) => {
      const grant = grantOf(role, scope);
      return grant ? words[grant] : '–';
    });
    expect(text).toContain(`| \`${scope}\` | ${cells.join(' | ')} |\n`);
  });
});

describe('the rights of a person', () => {
  it('are those of all roles together', () => {
    expect(scopesOf(['agent'])).not.toContain('metrics:read');
    expect(scopesOf(['agent', 'supervisor'])).toContain('metrics:read');
    expect(scopesOf(['admin'])).toEqual(scopeNames);
    expect(scopesOf([])).toEqual([]);
  });

  it('never hold what only a key may', () => {
    for (const role of roleNames.filter((name) => name !== 'admin'))
      expect(scopesOf([role])).not.toContain('events:read:pii');
  });
});
