import { createHash } from 'node:crypto';
import { people, type Scenario } from '../scenario.ts';

export const recordedCall: Scenario = {
  name: 'recording with a pause',
  title: 'Li records, pauses while a card number is spoken, and the file can be fetched with its checksum',
  expected: 'started, paused, resumed, stopped, file fetched, the checksum is right',
  async run(stage) {
    const { room, server } = stage.site;
    await room.signIn('li');
    stage.dial('4001', people.silver2);
    const callId = await stage.callOfCustomer(people.silver2);
    await room.waitFor('call.connected.v1', ({ data }) => data.call.id === callId);
    const told: string[] = [];
    for (const [verb, word] of [
      ['start', 'started'],
      ['pause', 'paused'],
      ['resume', 'resumed'],
      ['stop', 'stopped'],
    ] as const) {
      await room.ask('POST', `/v1/calls/${callId}/recording/${verb}`);
      await room.waitFor(`call.recording.${word}.v1`, ({ data }) => data.call.id === callId);
      told.push(word);
      // Long enough for something to be in the file.
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
    const { recording } = (await room.waitFor('recording.ready.v1', ({ data }) => data.recording.callId === callId))
      .data;
    const headers = { authorization: `Bearer ${server.key}` };
    const response = await fetch(`${server.url}/v1/recordings/${recording.id}/file`, { headers });
    const sha256 = createHash('sha256')
      .update(Buffer.from(await response.arrayBuffer()))
      .digest('hex');
    const fetched = response.ok ? 'file fetched' : `file: ${response.status}`;
    return `${told.join(', ')}, ${fetched}, the checksum is ${sha256 === recording.sha256 ? 'right' : 'wrong'}`;
  },
};
