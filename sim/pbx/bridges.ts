import type { Rng } from '../../src/kernel/index.ts';
import type { Applications } from './applications.ts';
import { bridgeModel, type VirtualBridge, type VirtualChannel } from './channel.ts';
import type { PbxClock } from './clock.ts';

interface BridgeParts {
  readonly clock: PbxClock;
  readonly rng: Rng;
  readonly applications: Applications;
  /** Told when who hears whom in a bridge changes. */
  readonly changed: (bridge: VirtualBridge) => void;
}

/** The bridges of the PBX by their ids, and who is in them. */
export class Bridges extends Map<string, VirtualBridge> {
  /** Destroyed, and their names are still taken. */
  readonly dying = new Set<string>();
  private readonly parts: BridgeParts;

  constructor(parts: BridgeParts) {
    super();
    this.parts = parts;
  }

  join(bridge: VirtualBridge, channel: VirtualChannel): void {
    if (channel.bridgeId === bridge.id) return;
    this.leave(channel);
    channel.bridgeId = bridge.id;
    bridge.members.add(channel.id);
    this.parts.applications.of(bridge.app).bridgeIds.add(bridge.id);
    this.parts.changed(bridge);
  }

  leave(channel: VirtualChannel): void {
    const bridge = this.get(channel.bridgeId ?? '');
    channel.bridgeId = undefined;
    if (!bridge?.members.delete(channel.id)) return;
    this.parts.changed(bridge);
  }

  /**
   * The end of a bridge is told when the last reference to it is dropped, now and then much later; until then its name
   * is taken. A recording outlives the bridge that is taken from it, or does not: here it does.
   */
  destroy(bridge: VirtualBridge, channels: ReadonlyMap<string, VirtualChannel>): void {
    const { clock, rng, applications, changed } = this.parts;
    for (const id of bridge.members) {
      const channel = channels.get(id);
      if (channel) channel.bridgeId = undefined;
    }
    const model = bridgeModel(bridge);
    bridge.members.clear();
    this.delete(bridge.id);
    changed(bridge);
    applications.of(bridge.app).bridgeIds.delete(bridge.id);
    this.dying.add(bridge.id);
    clock.after(rng.next() < 0.1 ? 2_000 : 1, () => {
      this.dying.delete(bridge.id);
      applications.tell(bridge.app, { type: 'BridgeDestroyed', bridge: model });
    });
  }

  override clear(): void {
    super.clear();
    this.dying.clear();
  }
}
