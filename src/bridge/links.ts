import type { CommandResult, PbxCommand } from '../call/index.ts';
import type { Clock, Logger } from '../kernel/index.ts';
import type { CallRegistry } from './call-registry.ts';
import { Clearing } from './clearing.ts';
import type { DevicePort, LinkChange, PbxPort } from './ports.ts';
import type { Recorder } from './recorder.ts';

export interface LinksOptions {
  readonly pbxs: readonly PbxPort[];
  readonly devices: readonly DevicePort[];
  readonly recorder: Recorder;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Told of every change of a link. */
  readonly onLinkChange?: ((change: LinkChange) => void) | undefined;
}

/** Who must act when a link breaks. */
export interface LinkListener {
  readonly calls: Pick<CallRegistry, 'get' | 'ownerOf'>;
  /** Calls of the node cannot be controlled; another server may have taken them over (`replaced`). */
  controlLost(nodeId: string, atMs: number, replaced: boolean): void;
  devicesLost(nodeId: string): void;
}

/** The links to the nodes: what state each has, and commands on their way to the PBX. */
export class Links {
  commandsFailed = 0;
  private readonly options: LinksOptions;
  private readonly listener: LinkListener;
  private readonly pbxs: ReadonlyMap<string, PbxPort>;
  private readonly states = new Map<string, LinkChange['state']>();
  private readonly replacedNodes = new Set<string>();
  private readonly underWay = new Set<Promise<void>>();
  private readonly clearing: Clearing;

  constructor(options: LinksOptions, listener: LinkListener) {
    this.options = options;
    this.listener = listener;
    this.clearing = new Clearing({
      clock: options.clock,
      calls: listener.calls,
      send: (nodeId, callId, command, then) => this.ask(nodeId, callId, command, then),
    });
    this.pbxs = new Map(options.pbxs.map((pbx) => [pbx.nodeId, pbx]));
    for (const link of [...options.pbxs, ...options.devices]) link.onLink((change) => this.changed(change));
  }

  start(): void {
    for (const link of [...this.options.pbxs, ...this.options.devices]) link.start();
  }

  async stop(): Promise<void> {
    await Promise.all([...this.options.pbxs, ...this.options.devices].map((link) => link.stop()));
  }

  /** The state of the call-control link of a node. */
  state(nodeId: string): LinkChange['state'] {
    return this.states.get(nodeId) ?? 'down';
  }

  /** Whether the states of the phones of a node are known: they are not while AMI is away; without AMI they never are. */
  seesPhones(nodeId: string): boolean {
    return this.options.devices.every(
      (device) => device.nodeId !== nodeId || this.states.get(`${nodeId}/ami`) === 'up',
    );
  }

  /** Whether another server has taken the node over from us. */
  isReplaced(nodeId: string): boolean {
    return this.replacedNodes.has(nodeId);
  }

  send(nodeId: string, callId: string, command: PbxCommand, then?: (result: CommandResult) => void): void {
    if (Clearing.covers(command)) this.clearing.send(nodeId, callId, command, then);
    else this.ask(nodeId, callId, command, then);
  }

  private ask(nodeId: string, callId: string, command: PbxCommand, then?: (result: CommandResult) => void): void {
    const pbx = this.pbxs.get(nodeId);
    if (!pbx || this.replacedNodes.has(nodeId)) return then?.({ ok: false, failure: 'unavailable' });
    const asked = pbx.send(callId, command).then((result) => {
      this.underWay.delete(asked);
      if (!result.ok) this.commandsFailed += 1;
      then?.(result);
    });
    this.underWay.add(asked);
  }

  /** Resolves when the PBX has answered everything asked of it so far. */
  async settled(): Promise<void> {
    while (this.underWay.size > 0) await Promise.all(this.underWay);
  }

  private changed(change: LinkChange): void {
    const { nodeId, link, state, atMs } = change;
    const key = link === 'ari' ? nodeId : `${nodeId}/${link}`;
    const before = this.states.get(key);
    this.states.set(key, state);
    this.options.onLinkChange?.(change);
    if (state === before) return;
    this.tell(change, before !== undefined);
    if (state === 'up') return;
    if (link === 'ami') return this.listener.devicesLost(nodeId);
    if (state === 'replaced') this.replacedNodes.add(nodeId);
    this.listener.controlLost(nodeId, atMs, state === 'replaced');
  }

  private tell({ nodeId, link, state, code: reason, atMs }: LinkChange, known: boolean): void {
    const { recorder, logger } = this.options;
    const subject = `node/${nodeId}`;
    if (state === 'up') {
      if (known) recorder.event('pbx.link.restored.v1', subject, atMs, { nodeId, link });
      return;
    }
    const code = reason ?? `${link}.${state}`;
    logger.warn({ nodeId, link, code }, 'link to the PBX is down');
    if (known || state === 'replaced') recorder.event('pbx.link.lost.v1', subject, atMs, { nodeId, link, code });
  }
}
