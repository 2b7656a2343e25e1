import { describe, expect, inject } from 'vitest';
import { startAsterisk } from '../../lab/index.ts';
import { type AriLab, ariSuite, DEADLINE } from './support/ari-suite.ts';

/** Callers enter the application that their number names, unanswered; `hold` keeps the other side of a call. */
const DIALPLAN = `[ari-entry]
exten => _[a-z].,1,Stasis(\${EXTEN},first,second)
 same => n,Goto(ari-after,s,1)
[ari-after]
exten => s,1,Answer()
 same => n,Wait(3600)
[ari-shown]
exten => _X.,1,Set(GLOBAL(SHOWN_\${EXTEN})=\${CALLERID(num)}/\${CALLERID(name)})
 same => n,Answer()
 same => n,Wait(3600)`;

const missing = inject('labMissing').filter((line) => line.startsWith('Asterisk'));
/** Asterisk takes an id for used when a longer one that begins with it is. */
const phoneOf = (legId: string): string => `phone-${legId}`;

async function open(): Promise<AriLab> {
  const asterisk = await startAsterisk({ phones: 1, qualifySeconds: 0, dialplan: DIALPLAN });
  return {
    ...asterisk,
    async callerArrives(app, legId, lab) {
      const made = await lab.request(
        'channels.originate',
        {
          endpoint: `Local/${app}@ari-entry/n`,
          context: 'lab-callers',
          extension: 'talk',
          callerId: '"Wang Fang" <13800138000>',
          channelId: phoneOf(legId),
          otherChannelId: legId,
        },
        DEADLINE,
      );
      expect(made.ok ? '' : made.error.message).toBe('');
    },
    async callerHangsUp(legId, lab) {
      await lab.request('channels.hangup', { channelId: phoneOf(legId) }, DEADLINE);
    },
  };
}

describe('ARI on a real Asterisk', () => {
  ariSuite(open, missing);
});
