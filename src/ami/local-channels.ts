import type { QueueFact } from '../mirror/ports.ts';
import type { AmiMessage } from './ports.ts';

/** Optimisations under way; the oldest is forgotten beyond. */
const underWayMax = 256;

/**
 * Local channels that leave a conversation to the channel behind them: the beginning names both, the end says whether it
 * came to be. Needs class `call`.
 */
export class LocalChannels {
  private readonly underWay = new Map<string, { readonly halves: readonly string[]; readonly by: string }>();

  /** The fact that the event completes; undefined for all else. */
  take(event: AmiMessage, nodeId: string, atMs: number): QueueFact | undefined {
    if (event.name === 'LocalOptimizationBegin') return this.begin(event);
    if (event.name !== 'LocalOptimizationEnd') return undefined;
    const id = event.get('Id') ?? '';
    const known = this.underWay.get(id);
    this.underWay.delete(id);
    if (!known || event.get('Success') !== 'Yes') return undefined;
    return { kind: 'channelReplaced', nodeId, atMs, ...known };
  }

  /** Nobody has heard how they ended. */
  forget(): void {
    this.underWay.clear();
  }

  private begin(event: AmiMessage): undefined {
    const by = event.get('SourceUniqueid');
    // Which of them it replaces the PBX does not tell: DestUniqueId names the second one always.
    const halves = ['LocalOneUniqueid', 'LocalTwoUniqueid'].flatMap((name) => event.get(name) ?? []);
    if (!by || halves.length === 0) return;
    const [oldest] = this.underWay.keys();
    if (this.underWay.size >= underWayMax && oldest !== undefined) this.underWay.delete(oldest);
    this.underWay.set(event.get('Id') ?? '', { halves, by });
  }
}
