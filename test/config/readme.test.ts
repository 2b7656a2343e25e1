import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../config/index.ts';

const root = join(import.meta.dirname, '../..');
const env = { RINGMASTER_ARI_PASSWORD: 'a', RINGMASTER_AMI_SECRET: 'b' };

describe.each(['README.md', 'README.zh-CN.md'])('%s', (page) => {
  it('shows a configuration that loads, with a key that may watch and sign agents in', () => {
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(readFileSync(join(root, page), 'utf8')) ?? [];
    const { agents, apiKeys } = parseConfig(yaml, page, { env });
    expect(agents.map(({ id }) => id)).toEqual(['li']);
    expect(apiKeys[0]?.principal.scopes).toEqual(expect.arrayContaining(['events:read:pii', 'agents:control']));
  });
});
