import { describe, expect, it } from 'vitest';
import { customerDesk } from '../src/compose-customers.ts';
import type { ManagedLookup } from '../src/crm/index.ts';
import { HandClock } from './http/support.ts';

function desk() {
  const asked: unknown[] = [];
  const lookup: Pick<ManagedLookup, 'lookup' | 'invalidate'> = {
    lookup(request, settle) {
      asked.push(request);
      settle({ status: 'none', source: 'crm:test' });
    },
    async invalidate(...news) {
      asked.push(news);
      return 'refreshing';
    },
  };
  const clock = new HandClock();
  return { asked, clock, desk: customerDesk(lookup, 'acme', clock, () => 'id1') };
}

describe('the lookup without a call', () => {
  it('asks as a call would', async () => {
    const { asked, desk: customers } = desk();
    expect(await customers.find('13800138000')).toEqual({ status: 'none', source: 'crm:test' });
    expect(asked).toEqual([{ callId: 'api:id1', tenant: 'acme', callerNumber: '13800138000', dialledNumber: '' }]);
  });

  it('takes news of now, of then, and never of the future', async () => {
    const { asked, clock, desk: customers } = desk();
    for (const atMs of [undefined, 5, clock.ms + 1]) await customers.changed('1', atMs);
    expect(asked).toEqual([
      ['acme', '1', clock.ms],
      ['acme', '1', 5],
      ['acme', '1', clock.ms],
    ]);
  });
});
