import { expect, it } from 'vitest';
import { entry, Site } from './support/site.ts';

/** Longer than a test waits for anything. */
const longGreeting = Array.from({ length: 20 }, () => 'sound:greeting');

it('a greeting that takes longer than it may is cut: the agent is heard before its end', async () => {
  await using site = await Site.open({
    phones: { phone: { behaviour: 'answer', answerAfterMs: 40, count: 1 } },
    numbers: [{ ...entry, greeting: longGreeting, greetingMaxMs: '300ms' }],
  });
  await site.signIn('phone');
  const caller = await site.arrive({ target: '4001' });
  const connected = await site.see('call.connected.v1', caller.id);
  expect(connected.data.agentId).toBe('phone1');
});
