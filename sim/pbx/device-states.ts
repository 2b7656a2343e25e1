import type { VirtualChannel } from './channel.ts';

/** Devices and what Asterisk says of them, worked out from their channels; listeners are told of changes. */
export class DeviceStates {
  private readonly states = new Map<string, string>();
  private readonly unreachable = new Set<string>();
  private readonly channels: () => Iterable<VirtualChannel>;
  private readonly tell: (device: string, state: string) => void;

  constructor(channels: () => Iterable<VirtualChannel>, tell: (device: string, state: string) => void) {
    this.channels = channels;
    this.tell = tell;
  }

  add(device: string): void {
    this.states.set(device, 'NOT_INUSE');
  }

  setReachable(device: string, reachable: boolean): void {
    if (reachable) this.unreachable.delete(device);
    else this.unreachable.add(device);
    this.refresh(device);
  }

  isReachable(device: string): boolean {
    return !this.unreachable.has(device);
  }

  all(): Iterable<readonly [device: string, state: string]> {
    return this.states;
  }

  /** A channel of the device came, changed or went. */
  refresh(device: string): void {
    if (!this.states.has(device)) return;
    const state = this.stateOf(device);
    if (this.states.get(device) === state) return;
    this.states.set(device, state);
    this.tell(device, state);
  }

  private stateOf(device: string): string {
    let talks = false;
    let rings = false;
    for (const { endpoint, state } of this.channels()) {
      if (endpoint !== device) continue;
      if (state === 'Ringing') rings = true;
      else talks = true;
    }
    if (rings) return talks ? 'RINGINUSE' : 'RINGING';
    if (talks) return 'INUSE';
    return this.unreachable.has(device) ? 'UNAVAILABLE' : 'NOT_INUSE';
  }
}
