import type {
  Call,
  CallbackVerdict,
  CallEffect,
  CallInput,
  CheckOutcome,
  CommandResult,
  DialVerdict,
  EntryPolicy,
  PbxCommand,
} from '../call/index.ts';
import type { Clock } from '../kernel/index.ts';
import type { RoutingRequest } from '../routing/index.ts';
import type { CallTimers } from './call-timers.ts';
import type { CheckPort, CustomerLookup, OutboundPort } from './ports.ts';
import { queuedAgain, type RoutingDesk } from './routing-desk.ts';
import { callbackWish, outboundCall } from './views.ts';
import type { WaitDesk } from './wait-desk.ts';

/** The neighbours of a call, and the way back into its mailbox. */
export interface EffectRunnerOptions {
  readonly tenant: string;
  readonly clock: Clock;
  readonly lookup: CustomerLookup;
  /** Without it nothing is dialled out. */
  readonly outbound?: OutboundPort | undefined;
  /** Without it every check is unavailable. */
  readonly checks?: CheckPort | undefined;
  readonly timers: CallTimers;
  readonly desk: RoutingDesk;
  readonly waits: WaitDesk;
  readonly post: (callId: string, input: CallInput) => void;
  readonly send: (nodeId: string, callId: string, command: PbxCommand, then?: (result: CommandResult) => void) => void;
  readonly entryOf: (call: Call) => EntryPolicy;
  /** The rules that the call came with; undefined while there are no others. */
  readonly versionOf: (call: Call) => string | undefined;
  /** What a call asks of routing now. */
  readonly requestOf: (call: Call) => RoutingRequest;
}

/** Carries out what calls ask for. What comes of it is the next input of the same call. */
export class EffectRunner {
  private readonly options: EffectRunnerOptions;

  constructor(options: EffectRunnerOptions) {
    this.options = options;
  }

  run(call: Call, effect: CallEffect): void {
    const { desk, waits, timers, outbound, requestOf } = this.options;
    switch (effect.kind) {
      case 'pbx':
        return this.command(call, effect.command);
      case 'lookup':
        return this.lookUp(call);
      case 'check':
        return this.check(call, effect);
      case 'startTimer':
        return timers.start(call.id, effect.timer, effect.afterMs);
      case 'stopTimer':
        return timers.stop(call.id, effect.timer);
      case 'enqueue':
        return desk.step({
          kind: 'enqueue',
          request: effect.again ? queuedAgain(requestOf(call), call) : requestOf(call),
        });
      case 'reassess':
        return desk.step({ kind: 'reassess', request: requestOf(call) });
      case 'leaveQueue':
        return desk.step({ kind: 'leave', callId: call.id });
      case 'estimate':
        return this.estimate(call);
      case 'requestCallback':
        return this.requestCallback(call, effect.number);
      case 'cancelCallback':
        return outbound?.cancelCallback(effect.callbackId);
      case 'offerAnswered':
        waits.answered(call);
        return desk.step({ kind: 'offerAnswered', token: effect.token });
      case 'offerEnded':
        return desk.step({ kind: 'offerEnded', token: effect.token, outcome: effect.outcome });
      case 'talkEnded':
        if (effect.outcome === 'talked') waits.talked(call, effect.queueId);
        desk.step({ ...effect, callId: call.id, policyVersion: this.options.versionOf(call) });
        return this.endWrapUpOfNobody(call, effect.agentId);
      case 'clearDial':
        return this.clearDial(call);
      case 'dialEnded':
        return outbound?.ended(call.id, effect.outcome, effect.dialled);
    }
  }

  /** An agent who is not in the config any more, or whose record was lost, would never end the call's wrap-up. */
  endWrapUpOfNobody(call: Call, agentId: string): void {
    if (call.phase !== 'wrapUp') return;
    const agent = this.options.desk.engine.agent(agentId);
    if (agent?.routing === 'wrapUp' && agent.callId === call.id) return;
    this.options.post(call.id, { kind: 'wrapUpEnded', agentId, atMs: this.options.clock.nowMs() });
  }

  private clearDial(call: Call): void {
    const { outbound, clock, post } = this.options;
    const settle = (verdict: DialVerdict): void => post(call.id, { kind: 'dialCleared', verdict, atMs: clock.nowMs() });
    if (outbound) outbound.clear(outboundCall(call), settle);
    else settle({ ok: false, outcome: 'unavailable' });
  }

  private check(call: Call, { checkId, value, plays }: CallEffect & { readonly kind: 'check' }): void {
    const { checks, clock, post } = this.options;
    const settle = (outcome: CheckOutcome): void =>
      post(call.id, { kind: 'checked', plays, outcome, atMs: clock.nowMs() });
    const { id: callId, callerNumber, customer } = call;
    if (checks) checks.check({ checkId, value, callId, callerNumber, customerId: customer?.customer?.id }, settle);
    else settle({ kind: 'unavailable' });
  }

  private estimate(call: Call): void {
    const { clock, post, waits } = this.options;
    post(call.id, { kind: 'estimated', ...waits.standing(call), atMs: clock.nowMs() });
  }

  private requestCallback(call: Call, number: string): void {
    const { clock, entryOf, outbound, post } = this.options;
    const settle = (verdict: CallbackVerdict): void =>
      post(call.id, { kind: 'callbackSettled', verdict, atMs: clock.nowMs() });
    const wish = callbackWish(call, number, entryOf(call));
    if (outbound && wish) outbound.requestCallback(wish, settle);
    else settle({ ok: false, reason: 'unavailable' });
  }

  private command(call: Call, command: PbxCommand): void {
    const { clock, post, send } = this.options;
    send(call.nodeId, call.id, command, (result) => {
      const atMs = clock.nowMs();
      if (!result.ok) post(call.id, { kind: 'commandFailed', command, failure: result.failure, atMs });
      else if (command.kind === 'join') post(call.id, { kind: 'joined', legIds: command.legIds, atMs });
    });
  }

  private lookUp(call: Call): void {
    const { lookup, tenant, clock, post } = this.options;
    const { id: callId, callerNumber, dialledNumber } = call;
    lookup.lookup(
      { callId, tenant, callerNumber, dialledNumber },
      (result) => post(callId, { kind: 'customerFound', result, late: false, atMs: clock.nowMs() }),
      (result) => post(callId, { kind: 'customerFound', result, late: true, atMs: clock.nowMs() }),
    );
  }
}
