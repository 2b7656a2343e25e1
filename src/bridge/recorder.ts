import { type Agent, recordOf } from '../agents/index.ts';
import type { Call, CallStep } from '../call/index.ts';
import type { EventData, EventType } from '../events/catalogue/index.ts';
import type { AfterCall, Journal, NewEvent, StateWrite } from './ports.ts';
import { recordingStates } from './recording-states.ts';
import { agentView, publishedEvent } from './views.ts';

/** Writes what happened, with the state that came of it, to the journal: one batch per change. */
export class Recorder {
  /** While true, events are marked as inferred after a gap. */
  reconciling = false;
  private readonly journal: Journal;
  private readonly priorityOf: (entryId: string) => number;
  private readonly afterCall: AfterCall | undefined;

  constructor(journal: Journal, priorityOf: (entryId: string) => number, afterCall?: AfterCall) {
    this.journal = journal;
    this.priorityOf = priorityOf;
    this.afterCall = afterCall;
  }

  /** An ended call leaves the state; its events stay in the log. */
  callStep(step: CallStep, atMs: number): void {
    const { call } = step;
    const events = step.events.map((told) =>
      publishedEvent(told, this.priorityOf(told.call.entryId), atMs, this.reconciling),
    );
    const recorded = recordingStates(step, atMs);
    if (call.phase === 'ended') return this.callEnd(call, events, [gone(call), ...recorded], atMs);
    this.journal.write(events, [{ kind: 'call', id: call.id, state: kept(call) }, ...recorded]);
  }

  private callEnd(call: Call, events: readonly NewEvent[], states: readonly StateWrite[], atMs: number): void {
    const left = this.afterCall?.(call, atMs);
    if (!left) return void this.journal.write(events, states);
    const { ticketIds } = left;
    const told = events.map((event) =>
      event.type === 'call.ended.v1' ? { ...event, data: { ...event.data, ticketIds } } : event,
    );
    this.journal.write([...told, ...left.events], [...states, ...left.states]);
  }

  callState(call: Call): void {
    this.journal.write([], [{ kind: 'call', id: call.id, state: kept(call) }]);
  }

  agent(agent: Agent, atMs: number): void {
    const state = recordOf(agent);
    this.journal.write([agentEvent(agent, atMs)], [{ kind: 'agent', id: agent.profile.id, state }]);
  }

  /** The state of a phone is told, not kept: the PBX knows it. */
  agentEvent(agent: Agent, atMs: number): void {
    this.journal.write([agentEvent(agent, atMs)], []);
  }

  event<T extends EventType>(type: T, subject: string, atMs: number, data: EventData<T>): void {
    this.journal.write([{ type, subject, atMs, data }], []);
  }
}

const agentEvent = (agent: Agent, atMs: number): NewEvent => ({
  type: 'agent.state.v1',
  subject: `agent/${agent.profile.id}`,
  atMs,
  data: { agent: agentView(agent) },
});

/** What a caller is typing may be secret, and is asked for anew after a restart. */
const kept = (call: Call): Call =>
  call.flow?.digits === undefined ? call : { ...call, flow: { ...call.flow, digits: undefined } };

const gone = ({ id }: Call): StateWrite => ({ kind: 'call', id, state: null });
