import { describe } from 'vitest';
import { newChannel } from '../../../sim/pbx/channel.ts';
import { type AmiLab, amiSuite } from '../../conformance/support/ami-suite.ts';
import { answering, openFrontLab } from './lab.ts';

const phones = [{ name: '1001' }, { name: '1002' }];
const deviceOf = (phone: number): string => `PJSIP/${phones[phone]?.name ?? ''}`;

async function open(): Promise<AmiLab> {
  const lab = await openFrontLab();
  const { pbx } = lab;
  for (const index of phones.keys()) {
    pbx.addPhone(deviceOf(index), answering);
    pbx.devices.setReachable(deviceOf(index), false);
  }
  return {
    ...lab,
    phones,
    inCall: ['ringing', 'inUse'],
    async plugIn(index) {
      pbx.devices.setReachable(deviceOf(index), true);
      return async () => pbx.devices.setReachable(deviceOf(index), false);
    },
    call: (index) =>
      new Promise((onEnd) => {
        const known = { id: `to-${index}-${pbx.clock.nowMs()}`, caller: { name: '', number: '13800138000' } };
        const endpoint = deviceOf(index);
        pbx.dial(
          newChannel({ ...known, name: endpoint, endpoint, state: 'Down', place: 'dialling', onEnd: () => onEnd() }),
          5_000,
        );
      }),
  };
}

const noTls = 'the front speaks plain TCP only';
const lacks = {
  'speaks TLS': noTls,
  'answers actions, refusals and lists': 'the model has no queues, and no command line to refuse',
  'carries Chinese and quotes both ways': 'the model originates by ARI only',
  'sees a contact come and go': 'the model has no contacts, only devices that can be reached or not',
  'sees the PBX stop and start, and reads its state anew': 'the model dies without a word',
  'refuses a certificate that it does not know or that names somebody else': noTls,
};

describe('AMI on the model behind its socket front', () => {
  amiSuite(open, lacks);
});
