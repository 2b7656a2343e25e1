import type { Switchboard } from '../../src/bridge/index.ts';
import type { Journal } from '../../src/bridge/ports.ts';

/** Bugs that are put into the real parts from outside, to see that the days find them. */
export const plants = ['lostToken', 'doubleOffer', 'skippedWrite'] as const;
export type Plant = (typeof plants)[number];

/** One in so many. */
const tokensEvery = 8;
const offersEvery = 20;
const writesEvery = 500;

/** Once in a while nobody tells routing how an offer ended, or it forgets whom it has just given away. */
export function plantInRouting(plant: Plant | undefined, { desk: { engine } }: Switchboard): void {
  if (plant !== 'lostToken' && plant !== 'doubleOffer') return;
  const step = engine.step.bind(engine);
  const every = plant === 'lostToken' ? tokensEvery : offersEvery;
  let count = 0;
  const isTurn = (): boolean => (count += 1) % every === 0;
  engine.step = (input, nowMs) => {
    if (plant === 'lostToken') return input.kind === 'offerEnded' && isTurn() ? [] : step(input, nowMs);
    const outputs = step(input, nowMs);
    for (const output of outputs) if (output.kind === 'offer' && isTurn()) forget(output.token.agentId, nowMs);
    return outputs;
  };

  function forget(agentId: string, nowMs: number): void {
    const agent = engine.agent(agentId);
    if (!agent) return;
    const { profile: _profile, device: _device, offer: _offer, callId: _callId, ...record } = agent;
    step({ kind: 'restoreAgent', agentId, record: { ...record, routing: 'idle' } }, nowMs);
  }
}

/** Once in a while something is not written, and nobody is told. */
export function plantInJournal(plant: Plant | undefined, journal: Journal): Journal {
  if (plant !== 'skippedWrite') return journal;
  let count = 0;
  return {
    write: (events, states) => {
      count += 1;
      return count % writesEvery === 0 || journal.write(events, states);
    },
    load: () => journal.load(),
    endedLately: () => journal.endedLately(),
  };
}
