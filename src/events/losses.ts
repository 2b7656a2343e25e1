import type { LogEvent } from './event.ts';

/**
 * The sequence of the newest gap in which something that happened was lost; undefined when there is none among them. The
 * gap of a crash is none of these: nobody was told what the dead server had not written, and the next one begins with
 * what was written and tells what has become of it. So a replay across it is whole.
 */
export function lastLoss(events: readonly LogEvent[]): number | undefined {
  return events.findLast((event) => event.type === 'stream.gap.v1' && isLoss(event))?.sequence;
}

const isLoss = ({ cloudEvent }: LogEvent): boolean =>
  (cloudEvent.data as { readonly reason?: string }).reason !== 'uncleanStop';
