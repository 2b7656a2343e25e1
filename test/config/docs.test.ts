import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig } from '../../config/index.ts';

const docs = join(import.meta.dirname, '../../docs');
const env = { RINGMASTER_ARI_PASSWORD: 'a', RINGMASTER_AMI_SECRET: 'b' };

describe.each(['configuration.md', 'configuration.zh-CN.md'])('docs/%s', (page) => {
  it('shows a small file that loads', () => {
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(readFileSync(join(docs, page), 'utf8')) ?? [];
    expect(parseConfig(yaml, page, { env }).agents).toHaveLength(1);
  });
});

describe.each(['api.md', 'api.zh-CN.md'])('docs/%s', (page) => {
  it('names every address of the API', () => {
    const text = readFileSync(join(docs, page), 'utf8');
    const { paths } = JSON.parse(readFileSync(join(docs, 'openapi.json'), 'utf8')) as { paths: object };
    for (const path of Object.keys(paths)) {
      const last = path.slice(path.lastIndexOf('/') + 1);
      expect(text).toMatch(new RegExp(`\`[^\`]*${last.replaceAll(/[{}.]/g, '\\$&')}`));
    }
  });
});
