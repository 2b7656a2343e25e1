import type { AsteriskAddress } from '../../lab/index.ts';
import { becomesTrue } from '../../lab/index.ts';
import { type AmiLink, type AmiMessage, createAmiLink } from '../../src/ami/index.ts';
import { systemClock, systemRng } from '../../src/kernel/index.ts';
import { createLogger } from '../../src/observability/index.ts';

interface Party {
  readonly number: string;
  readonly isAgent: boolean;
}

/**
 * What the PBX itself says of each caller, by number, over a manager connection of the bench's own that no fault
 * touches: nothing is judged by what Ringmaster tells of itself.
 */
export class PbxWatch implements AsyncDisposable {
  /** When a caller was first in a bridge with an agent, by the monotonic clock. */
  readonly connectedAtMs = new Map<string, number>();
  /** Who hears music. */
  readonly waiting = new Set<string>();
  /** Who reached the dialplan's fallback. */
  readonly fallbacks = new Set<string>();
  private readonly bridges = new Map<string, Map<string, Party>>();
  private readonly link: AmiLink;

  private constructor(link: AmiLink) {
    this.link = link;
    link.onEvent((event) => this.heard(event));
    // A PBX that died took its bridges along.
    link.onLink(({ kind }) => kind === 'down' && this.bridges.clear());
  }

  static async open(asterisk: AsteriskAddress): Promise<PbxWatch> {
    const { amiHost: host, amiPort: port, amiUser: username, amiSecret: secret } = asterisk;
    const limits = { backoffMinMs: 50, backoffMaxMs: 200 };
    const log = createLogger({ level: 'silent' });
    const link = createAmiLink(
      { nodeId: 'bench', host, port, username, secret, limits },
      { clock: systemClock, rng: systemRng, log },
    );
    const watch = new PbxWatch(link);
    link.start();
    if (!(await becomesTrue(() => link.state === 'up', 10_000))) throw new Error('the manager interface is not up');
    return watch;
  }

  /** Whether the caller is in a bridge with an agent now. */
  isWithAgent(number: string): boolean {
    for (const parties of this.bridges.values()) {
      const here = [...parties.values()];
      if (here.some((party) => party.number === number && !party.isAgent)) return here.some(({ isAgent }) => isAgent);
    }
    return false;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.link.stop();
  }

  private heard(event: AmiMessage): void {
    const number = event.get('CallerIDNum') ?? '';
    if (event.name === 'MusicOnHoldStart') this.waiting.add(number);
    else if (event.name === 'UserEvent') this.fallbacks.add(number);
    else if (event.name === 'BridgeEnter') this.entered(event, number);
    else if (event.name === 'BridgeLeave') {
      this.bridges.get(event.get('BridgeUniqueid') ?? '')?.delete(event.get('Uniqueid') ?? '');
    } else if (event.name === 'BridgeDestroy') this.bridges.delete(event.get('BridgeUniqueid') ?? '');
  }

  private entered(event: AmiMessage, number: string): void {
    const bridgeId = event.get('BridgeUniqueid') ?? '';
    const parties = this.bridges.get(bridgeId) ?? new Map<string, Party>();
    this.bridges.set(bridgeId, parties);
    // The lab's phones are 1001 and up; callers come in by the trunk.
    const isAgent = /^PJSIP\/1\d{3}-/.test(event.get('Channel') ?? '');
    parties.set(event.get('Uniqueid') ?? '', { number, isAgent });
    const here = [...parties.values()];
    if (!here.some((party) => party.isAgent)) return;
    for (const party of here) {
      if (!party.isAgent && !this.connectedAtMs.has(party.number)) {
        this.connectedAtMs.set(party.number, performance.now());
      }
    }
  }
}
