import { describe, expect, it } from 'vitest';
import { type Site, liveDay } from '../../../sim/days/day.ts';
import { perform } from '../../../sim/pbx/operations.ts';
import type { VirtualChannel } from '../../../sim/pbx/channel.ts';
import type { Call, CallPhase } from '../../../src/call/index.ts';

const hours = 0.05;

/** Puts something wrong into a day once it can; a day on which nothing else goes wrong must find it. */
type Meddle = (site: Site) => boolean;

const someCall = ({ board }: Site, phase: CallPhase, not?: Call): Call | undefined =>
  [...board.calls.all()].find((call) => call.phase === phase && call.id !== not?.id);

const onCall =
  (phase: CallPhase, wrong: (site: Site, call: Call) => void): Meddle =>
  (site) => {
    const call = someCall(site, phase);
    if (call) wrong(site, call);
    return call !== undefined;
  };

const once =
  (wrong: (site: Site) => void): Meddle =>
  (site) => {
    wrong(site);
    return true;
  };

/** When the day is nearly over, so that only the evening is left to find it. */
const late = (meddle: Meddle): Meddle => {
  let seconds = 0;
  return (site) => (seconds += 1) > 3_600 * hours - 5 && meddle(site);
};

const stored = (sequence: number, callSequence: number, type: string, id: string) => ({
  sequence,
  id: `event${sequence}`,
  type,
  subject: `call/${id}`,
  atMs: 0,
  callSequence,
  body: JSON.stringify({ data: { call: { id, phase: 'waiting' } } }),
});

const rings = (call: Call, name: string): VirtualChannel =>
  ({ id: `${call.id}.${name}`, endpoint: 'PJSIP/agent1', place: 'dialling', state: 'Ringing' }) as VirtualChannel;

const meddles: readonly (readonly [rule: string, how: string, meddle: Meddle])[] = [
  [
    'one live token',
    'two calls with one agent',
    (site) => {
      const one = someCall(site, 'talking');
      const other = one && someCall(site, 'talking', one);
      if (one?.talk && other?.talk)
        site.board.calls.update({ ...other, talk: { ...other.talk, agentId: one.talk.agentId } });
      return other !== undefined;
    },
  ],
  ['no caller is forgotten', 'a call forgets itself', onCall('talking', ({ board }, call) => board.calls.remove(call))],
  [
    'nothing is left behind',
    'a bridge of nobody',
    once(({ pbx }) => void perform(pbx, 'bridges.createWithId', { bridgeId: 'rm-x.bridge', name: 'ringmaster' })),
  ],
  [
    'one phone, one offer',
    'a phone rings twice',
    onCall('talking', ({ pbx }, call) => {
      for (const name of ['agent98', 'agent99']) pbx.channels.set(`${call.id}.${name}`, rings(call, name));
    }),
  ],
  [
    'no ghost call',
    'a caller who is gone without a word',
    onCall('talking', ({ pbx }, { callerLegId }) => void pbx.channels.delete(callerLegId)),
  ],
  [
    'no call is stuck',
    'one that arrives for ever',
    onCall('talking', ({ board }, call) => {
      const { talk: _talk, ...rest } = call;
      board.calls.update({ ...rest, id: 'rm-stuck', phase: 'arriving', phaseSinceMs: 0 });
    }),
  ],
  [
    'who talks is heard',
    'the PBX parts two',
    onCall('talking', ({ pbx }, { callerLegId }) => {
      const channel = pbx.channels.get(callerLegId);
      if (channel) channel.bridgeId = undefined;
    }),
  ],
  [
    'no agent is stuck',
    'an agent in a call that is not',
    ({ board: { desk } }) => {
      const idle = [...desk.engine.allAgents()].find(({ routing }) => routing === 'idle');
      if (!idle) return false;
      const { profile, device: _device, ...record } = idle;
      const talking = { ...record, routing: 'talking', callId: 'rm-none' } as const;
      desk.engine.step({ kind: 'restoreAgent', agentId: profile.id, record: talking }, 0);
      return true;
    },
  ],
  [
    'no job is forgotten',
    'a job without its call',
    once(({ disk }) => void disk.jobs.set('x', { id: 'x', status: 'active', call: { callId: 'rm-none' } } as never)),
  ],
  [
    'nobody idle beside a waiting call',
    'routing is not told who waits',
    once(({ board: { desk } }) => {
      const step = desk.engine.step.bind(desk.engine);
      desk.engine.step = (input, nowMs) => (input.kind === 'enqueue' ? [] : step(input, nowMs));
    }),
  ],
  [
    'the log gives the live state',
    'a step that nobody is told of',
    onCall('talking', ({ board }, call) => board.calls.update({ ...call, version: call.version + 1 })),
  ],
  [
    'the store has the live state',
    'what is over is still there',
    once(({ disk }) => void disk.states.set('call/rm-x', { kind: 'call', id: 'rm-x', state: {}, version: 1 })),
  ],
  [
    'memory is bounded',
    'timers without end',
    once(({ world }) => {
      for (let at = 0; at < 5_000; at += 1) world.after(3_600_000, () => {});
    }),
  ],
  [
    'memory is bounded',
    'a few timers that stay',
    once(({ world }) => {
      for (let at = 0; at < 200; at += 1) world.after(3_600_000, () => {});
    }),
  ],
  [
    'no dropped conversation',
    'a hangup that nobody wished',
    onCall('talking', ({ pbx }, { callerLegId }) => void perform(pbx, 'channels.hangup', { channelId: callerLegId })),
  ],
  [
    'each event once',
    'events twice',
    once(({ server }) => {
      const { stream } = server;
      if (!stream) return;
      const subscribe = stream.subscribe.bind(stream);
      stream.subscribe = (reader) =>
        subscribe({
          ...reader,
          deliver: (event) => {
            reader.deliver(event);
            reader.deliver(event);
          },
        });
    }),
  ],
  ['log order', 'a hole in the log', once(({ log }) => log.read([stored(1_000_000, 1, 'call.arrived.v1', 'rm-x')]))],
  [
    'call sequence',
    'a step of a call that is not in the log',
    once(({ log }) => log.read([stored(0, 1, 'call.arrived.v1', 'rm-x'), stored(0, 3, 'call.queued.v1', 'rm-x')])),
  ],
  [
    'one end',
    'two ends',
    once(({ log }) =>
      log.read([1, 2, 3].map((at) => stored(0, at, at === 1 ? 'call.arrived.v1' : 'call.ended.v1', 'rm-x'))),
    ),
  ],
  [
    'every call ends',
    'one that stays',
    late(
      onCall('talking', ({ board }, call) =>
        board.calls.add({ ...call, id: 'rm-stays', callerLegId: 'nobody', phase: 'wrapUp', talk: undefined }),
      ),
    ),
  ],
  ['no defect', 'an input that failed', once(({ board }) => void (board.stats.defects += 1))],
];

const rulesBroken = async (meddle?: Meddle): Promise<readonly string[]> => {
  const { violations } = await liveDay({ seed: 2, hours, quiet: true, meddle });
  return violations.map(({ rule }) => rule);
};

describe('what must hold on simulated days', () => {
  it('holds on a quiet one', async () => {
    expect(await rulesBroken()).toEqual([]);
  });

  it.each(meddles)('%s: found by %s', async (rule, _how, meddle) => {
    expect(await rulesBroken(meddle)).toContain(rule);
  });
});
