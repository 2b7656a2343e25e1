import type { MirroredTold, MirrorInput, MirrorOutput } from '../../../src/mirror/core/index.ts';
import { type MirrorOptions, QueueMirror } from '../../../src/mirror/index.ts';
import { AppQueue, phone } from '../app-queue.ts';

export const agents: Readonly<Record<string, string>> = { 'PJSIP/1001': 'li', 'PJSIP/1002': 'wang' };

/** A mirror beside an app_queue with two queues, of which each phone is a member; 1003 is nobody's that we know. */
export class Rig {
  nowMs = 1_000_000;
  readonly told: MirroredTold[] = [];
  readonly outputs: MirrorOutput[] = [];
  readonly mirror: QueueMirror;
  readonly pbx: AppQueue;
  /** While false, what app_queue tells is lost. */
  up = true;
  /** Whether callers are known at once, as from a warm cache. */
  knows = true;
  private ids = 0;

  constructor(part: Partial<MirrorOptions> = {}) {
    this.mirror = new QueueMirror({
      queues: [
        { id: 'care', nodeId: 'pbx1', name: 'care' },
        { id: 'sales', nodeId: 'pbx1', name: 'sales' },
      ],
      agentOf: (_node, dialled, state) => agents[dialled] ?? agents[state],
      shown: (dialled) => dialled.replaceAll(/\d{7,}/g, 'masked'),
      newId: () => `aq-${(this.ids += 1)}`,
      callsMax: 100,
      membersMax: 50,
      ringMaxMs: 60_000,
      graceMs: 1_000,
      staleMaxMs: 600_000,
      askedForMs: 5_000,
      ...part,
    });
    const members = [phone('1001'), phone('1002'), phone('1003')];
    this.pbx = new AppQueue(
      { care: members, sales: members },
      (fact) => {
        if (this.up) this.step({ kind: 'fact', fact });
      },
      () => this.nowMs,
    );
  }

  step(input: MirrorInput): readonly MirrorOutput[] {
    const outputs = [...this.mirror.step(input, this.nowMs)];
    this.outputs.push(...outputs);
    for (const output of outputs) if (output.kind === 'call') this.told.push(...output.told);
    for (const output of outputs) if (output.kind === 'lookup' && this.knows) this.know(output.call.id);
    return outputs;
  }

  know(callId: string, late = false): void {
    const customer = { status: 'none' as const, source: 'directory' };
    this.step({ kind: 'customer', callId, customer, late });
  }

  pass(ms: number): void {
    this.nowMs += ms;
    this.step({ kind: 'tick' });
  }

  cut(): void {
    this.up = false;
    this.step({ kind: 'linkLost', nodeId: 'pbx1' });
  }

  resync(withChannels = true): readonly MirrorOutput[] {
    this.up = true;
    this.step({ kind: 'reading', nodeId: 'pbx1' });
    return this.step({ kind: 'snapshot', snapshot: this.pbx.snapshot(withChannels) });
  }

  /** What was told since the last time, in short. */
  take(): string[] {
    return this.told.splice(0).map(({ event }) => {
      const name = event.type.slice('call.'.length, -'.v1'.length);
      if (event.type === 'call.offered.v1') return `${name} ${event.offer.party.id}`;
      if (event.type === 'call.offer.ended.v1') return `${name} ${event.offer.party.id} ${event.outcome}`;
      if ('agentId' in event) return `${name} ${event.agentId}`;
      return 'reason' in event ? `${name} ${event.reason}` : name;
    });
  }

  /** The outputs of these kinds since the last time. */
  takeOutputs<Kind extends MirrorOutput['kind']>(kind: Kind): Extract<MirrorOutput, { kind: Kind }>[] {
    const all = this.outputs.splice(0);
    return all.filter((output): output is Extract<MirrorOutput, { kind: Kind }> => output.kind === kind);
  }
}
