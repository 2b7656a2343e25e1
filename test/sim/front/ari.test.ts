import { describe } from 'vitest';
import { type AriLab, ariSuite } from '../../conformance/support/ari-suite.ts';
import { openFrontLab } from './lab.ts';

async function open(): Promise<AriLab> {
  const lab = await openFrontLab();
  const { pbx } = lab;
  // What the real lab's dialplan does there: it notes what the phone shows.
  pbx.addPhone('Local/4711@ari-shown/n', {
    ring(call) {
      pbx.globals.set('SHOWN_4711', `${call.callerNumber}/${call.callerName}`);
      call.answer();
      return { ended() {} };
    },
  });
  return {
    ...lab,
    async callerArrives(app, channelId) {
      const caller = { channelId, callerNumber: '13800138000', callerName: 'Wang Fang', dialledNumber: app };
      pbx.comeIn({ ...caller, app, args: ['first', 'second'] });
    },
    async callerHangsUp(legId) {
      pbx.hangUp(legId);
    },
  };
}

const lacks = {
  'sends a body: variables on a channel made by us': 'the model makes channels by originate only, not by create',
};

describe('ARI on the model behind its socket front', () => {
  ariSuite(open, [], lacks);
});
