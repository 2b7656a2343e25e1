import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseScenario } from '../../sim/routing/load.ts';

describe.each(['simulator.md', 'simulator.zh-CN.md'])('docs/%s', (page) => {
  it('shows a scenario that loads', () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs', page), 'utf8');
    const [, yaml = ''] = /```yaml\n(.*?)```/s.exec(text) ?? [];
    expect(parseScenario(yaml, page).policies).toHaveLength(3);
  });
});
