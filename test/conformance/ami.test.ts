import { describe, expect, vi } from 'vitest';
import { placeCalls, startAsterisk, startPhone } from '../../lab/index.ts';
import { type AmiLab, amiSuite } from './support/ami-suite.ts';

async function open(): Promise<AmiLab> {
  const asterisk = await startAsterisk({ phones: 2, qualifySeconds: 1 });
  const phone = (index: number) => {
    const found = asterisk.phones[index];
    if (!found) throw new Error('the lab has too few phones');
    return found;
  };
  return {
    ...asterisk,
    // The lab's phones have device_state_busy_at=1.
    inCall: ['busy'],
    async plugIn(index, behaviour) {
      const answering = { answerAfterMs: 200, talkMs: 300 };
      const { name, port } = phone(index);
      const sipp = await startPhone({ behaviour, ...(behaviour === 'answer' ? answering : {}), port });
      return async () => {
        await sipp.stop();
        // The next test finds it as the first did: not plugged in, and known to be so.
        const shown = () => asterisk.cli(`pjsip show endpoint ${name}`);
        await vi.waitFor(async () => expect(await shown()).toContain('Unavailable'), { timeout: 15_000 });
      };
    },
    async call(index) {
      const [call] = await placeCalls(asterisk, { target: `7${phone(index).name}`, count: 1, ratePerSecond: 1 });
      expect(call).toMatchObject({ outcome: 'connected', status: 200 });
    },
  };
}

describe('AMI on a real Asterisk', () => {
  amiSuite(open);
});
