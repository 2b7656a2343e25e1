import { describe, expect, it } from 'vitest';
import { channelModel, newChannel } from '../../../sim/pbx/channel.ts';

const came = { id: 'c', name: 'PJSIP/c', caller: { name: '', number: '138' }, state: 'Up', place: 'stasis' } as const;

describe('what a channel of the model runs', () => {
  it.each([
    ['handed over', false, 'Stasis', 'ringmaster,4001'],
    ['claimed, as on the real PBX, which names no application then', true, 'StasisBroadcast', '800,,4001'],
  ])('%s', (_how, claimed, app_name, app_data) => {
    const { dialplan } = channelModel(newChannel({ ...came, app: 'ringmaster', args: ['4001'], claimed }));
    expect(dialplan).toMatchObject({ app_name, app_data });
  });
});
