import type { DeviceFact, DeviceState } from '../call/index.ts';
import { type Clock, errorText, type Logger, type Timer } from '../kernel/index.ts';
import type { AmiLink, AmiLinkChange, AmiMessage } from './ports.ts';
import { isSameStart, type PbxStart, readPbxStart } from './start-time.ts';
import { translateAmiEvent } from './translate.ts';

export interface DeviceWatchOptions {
  /** Distinct devices remembered; states of further ones are passed on, but not compared. */
  readonly devicesMax: number;
  /** Pause before a failed reading of the PBX's state is tried again. */
  readonly resyncRetryMs: number;
}

export const defaultDeviceWatchOptions: DeviceWatchOptions = { devicesMax: 50_000, resyncRetryMs: 2_000 };

export interface DeviceWatchDeps {
  readonly link: AmiLink;
  readonly clock: Clock;
  readonly log: Logger;
  emit(fact: DeviceFact): void;
}

export interface DeviceWatch {
  /** Times that the whole state was read, and how often that failed. */
  readonly stats: Readonly<{ resyncs: number; resyncFailures: number; devices: number }>;
  /** What was told of a device since the link came up. */
  stateOf(device: string): DeviceState | undefined;
  stop(): void;
}

/**
 * Turns one link's events into facts and makes them whole: after each `up` (and a late FullyBooted) it reads when the PBX
 * started and the state of every device. Each device is told once per change and once per connection: while the link is
 * down all that was told is stale, the link's `down` says so. A device that the PBX does not list (one without SIP has no
 * state before its first call after a restart) stays unknown.
 */
export function watchDevices(deps: DeviceWatchDeps, options = defaultDeviceWatchOptions): DeviceWatch {
  const watch = new Watch(deps, options);
  const unsubscribes = [
    deps.link.onEvent((event) => watch.handleEvent(event)),
    deps.link.onLink((change) => watch.handleLink(change)),
  ];
  if (deps.link.state === 'up') watch.resync();
  return {
    get stats() {
      return { ...watch.counters, devices: watch.known.size };
    },
    stateOf: (device) => watch.known.get(device),
    stop() {
      for (const unsubscribe of unsubscribes) unsubscribe();
      watch.abandon();
    },
  };
}

class Watch {
  readonly known = new Map<string, DeviceState>();
  readonly counters = { resyncs: 0, resyncFailures: 0 };
  private readonly deps: DeviceWatchDeps;
  private readonly options: DeviceWatchOptions;
  private start: PbxStart | undefined;
  private fullyBooted: { readonly event: AmiMessage; readonly atMs: number } | undefined;
  private running: AbortController | undefined;
  private retry: Timer | undefined;
  /** Devices with a live event during the reading: it is the newer word, or a newer one follows. */
  private readonly changedMeanwhile = new Set<string>();

  constructor(deps: DeviceWatchDeps, options: DeviceWatchOptions) {
    this.deps = deps;
    this.options = options;
  }

  handleLink(change: AmiLinkChange): void {
    this.abandon();
    this.fullyBooted = undefined;
    // Whoever listens has forgotten the states with the link: what did not change meanwhile must be told again too.
    if (change.kind === 'down') this.known.clear();
    // A confirmed `up` is followed by its FullyBooted at once, which sets the reading off.
    if (change.kind === 'up' && !change.bootConfirmed) this.resync();
  }

  handleEvent(event: AmiMessage): void {
    if (event.name === 'FullyBooted') {
      this.fullyBooted = { event, atMs: this.deps.clock.nowMs() };
      return this.resync();
    }
    const fact = translateAmiEvent(event, this.deps.link.nodeId, this.deps.clock.nowMs());
    if (!fact) return;
    if (fact.kind !== 'deviceStateChanged') return this.deps.emit(fact);
    if (this.running) this.changedMeanwhile.add(fact.device);
    this.tell(fact);
  }

  abandon(): void {
    this.running?.abort();
    this.running = undefined;
    this.retry?.cancel();
    this.changedMeanwhile.clear();
  }

  resync(): void {
    this.abandon();
    const running = new AbortController();
    this.running = running;
    this.readAll(running.signal).then(
      () => {
        if (this.running !== running) return;
        this.abandon();
        this.counters.resyncs += 1;
      },
      (error: unknown) => {
        if (this.running !== running) return;
        this.abandon();
        this.counters.resyncFailures += 1;
        this.deps.log.warn(
          { nodeId: this.deps.link.nodeId, error: errorText(error) },
          'device states could not be read',
        );
        this.retry = this.deps.clock.after(this.options.resyncRetryMs, () => this.resync());
      },
    );
  }

  private async readAll(signal: AbortSignal): Promise<void> {
    const { link } = this.deps;
    const status = await link.action('CoreStatus', {}, { signal });
    if (signal.aborted) return;
    this.tellStart(readPbxStart(status.kind === 'success' ? status.response : undefined, this.fullyBooted));
    const list = await link.list('DeviceStateList', {}, { signal });
    if (signal.aborted) return;
    if (list.kind === 'refused') throw new Error(list.reason);
    this.tellAll(list.events);
  }

  /** A user that may read neither CoreStatus nor FullyBooted sees no restart; the states are right all the same. */
  private tellStart(start: PbxStart | undefined): void {
    if (!start || (this.start && isSameStart(this.start, start))) return;
    const restarted = this.start !== undefined;
    this.start = start;
    const { link, clock } = this.deps;
    const { startedAtMs } = start;
    this.deps.emit({ kind: 'pbxStarted', nodeId: link.nodeId, atMs: clock.nowMs(), startedAtMs, restarted });
  }

  private tellAll(events: readonly AmiMessage[]): void {
    const { link, clock } = this.deps;
    const atMs = clock.nowMs();
    for (const event of events) {
      const fact = translateAmiEvent(event, link.nodeId, atMs);
      if (fact?.kind === 'deviceStateChanged' && !this.changedMeanwhile.has(fact.device)) this.tell(fact);
    }
  }

  private tell(fact: DeviceFact & { kind: 'deviceStateChanged' }): void {
    if (this.known.get(fact.device) === fact.state) return;
    if (this.known.has(fact.device) || this.known.size < this.options.devicesMax)
      this.known.set(fact.device, fact.state);
    this.deps.emit(fact);
  }
}
