import type { Switchboard } from '../../src/bridge/index.ts';
import type { Journal } from '../../src/bridge/ports.ts';
import type { RoutingOutput } from '../../src/routing/index.ts';

/** Bugs that are put into the real parts from outside, to see that the days find them. */
export const plants = ['lostToken', 'doubleOffer', 'skippedWrite'] as const;
export type Plant = (typeof plants)[number];

/** One in so many. */
const tokensEvery = 8;
const offersEvery = 20;
const writesEvery = 500;

/** Once in a while nobody tells routing how an offer ended, or the same agent is given to a second call. */
export function plantInRouting(plant: Plant | undefined, { desk: { engine } }: Switchboard): void {
  if (plant !== 'lostToken' && plant !== 'doubleOffer') return;
  const step = engine.step.bind(engine);
  let count = 0;
  const isTurn = (): boolean => (count += 1) % (plant === 'lostToken' ? tokensEvery : offersEvery) === 0;
  engine.step = (input, nowMs) => {
    if (plant === 'lostToken' && input.kind === 'offerEnded' && isTurn()) return [];
    const outputs = step(input, nowMs);
    if (plant === 'lostToken') return outputs;
    return outputs.flatMap((output) => [output, ...secondOffer(output)]);
  };

  function secondOffer(output: RoutingOutput): readonly RoutingOutput[] {
    if (output.kind !== 'offer' || !isTurn()) return [];
    const { token } = output;
    for (const { request, offer, attempts } of engine.waitingCalls()) {
      if (offer || request.callId === token.callId) continue;
      return [{ ...output, token: { ...token, callId: request.callId, attempt: attempts + 1 } }];
    }
    count -= 1;
    return [];
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
