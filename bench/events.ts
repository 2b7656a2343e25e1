import { measureFanout, subscribers } from './events-fanout.ts';
import { measurePop } from './events-pop.ts';

export const description =
  'events to 1,000 WebSocket subscribers, ours against ws alone sending the same bytes; and the time to the pop';

export async function run({ log }: { json: boolean; log: (line: string) => void }): Promise<{
  name: string;
  figures: Record<string, number>;
  ratios: Record<string, number>;
  ok: boolean;
}> {
  const fanout = await measureFanout(log);
  const pop = await measurePop(log);
  const figures = {
    ...pop,
    subscribers,
    oursPerSecond: fanout.apart.ours,
    bareWsPerSecond: fanout.apart.bareWs,
    oursTogetherPerSecond: fanout.together.ours,
    bareWsTogetherPerSecond: fanout.together.bareWs,
  };
  const ratios = {
    fanoutVsBareWs: round(fanout.apart.ours / fanout.apart.bareWs),
    fanoutTogetherVsBareWs: round(fanout.together.ours / fanout.together.bareWs),
  };
  log(`each event in its own turn: ours ${figures.oursPerSecond}/s, ws alone ${figures.bareWsPerSecond}/s`);
  return { name: 'events', figures, ratios, ok: ratios.fanoutVsBareWs >= 0.7 };
}

const round = (value: number): number => Math.round(value * 100) / 100;
