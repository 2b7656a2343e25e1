import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { keyChecker, parseKeyHash, runKeyCommand } from '../../src/security/index.ts';

function play(...args: string[]) {
  const lines: string[] = [];
  const code = runKeyCommand(args, (line) => lines.push(line));
  return { code, lines };
}

describe('key create', () => {
  it('prints a key, and the config lines that let it in', () => {
    const { code, lines } = play('create', '--id', 'crm');
    const key = lines[0]?.match(/rmk_\S+/)?.[0] ?? '';
    const { apiKeys } = parse(lines[1] ?? '') as { apiKeys: [{ id: string; hash: string; scopes: string[] }] };
    const [{ id, hash, scopes }] = apiKeys;
    const secretSha256 = parseKeyHash(hash) ?? new Uint8Array();
    const check = keyChecker([{ id, secretSha256, principal: { id, kind: 'integration', scopes } }]);
    expect([code, check(`Bearer ${key}`).ok]).toEqual([0, true]);
  });

  it.each([
    [[]],
    [['destroy']],
    [['create']],
    [['create', '--id', 'A_b']],
    [['create', '--what']],
    [['create', 'x', '--id', 'y']],
  ])('says how it is used on %j', (args) => {
    const { code, lines } = play(...args);
    expect(code).toBe(2);
    expect(lines.join('\n')).toContain('key create --id NAME');
    expect(lines.join('\n')).not.toContain('rmk_');
  });

  it('helps', () => {
    expect(play('--help').code).toBe(0);
  });
});
