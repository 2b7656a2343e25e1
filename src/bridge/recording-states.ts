import type { Call, CallStep, ToldEvent } from '../call/index.ts';
import type { StateWrite } from './ports.ts';

const none: readonly StateWrite[] = [];

/** What is kept of the recordings that a step began or ended, beside the call itself. */
export function recordingStates({ call, events }: CallStep, atMs: number): readonly StateWrite[] {
  if (call.recordings === undefined) return none;
  return events.flatMap((told) => recordingState(told, atMs) ?? []);
}

function recordingState({ call, event }: ToldEvent<Call>, atMs: number): StateWrite | undefined {
  switch (event.type) {
    case 'call.recording.started.v1':
    case 'call.recording.stopped.v1':
    case 'call.recording.failed.v1': {
      const { recordingId: id, byRule, startedAtMs, format } = event;
      const phase = { 'call.recording.started.v1': 'live', 'call.recording.stopped.v1': 'stopped' } as const;
      const state = {
        id,
        callId: call.id,
        nodeId: call.nodeId,
        ...(call.talk ? { agentId: call.talk.agentId } : {}),
        phase: event.type === 'call.recording.failed.v1' ? 'failed' : phase[event.type],
        byRule,
        startedAtMs,
        ...(event.type === 'call.recording.started.v1' ? {} : { endedAtMs: atMs }),
        file: `${id}.${format}`,
      };
      return { kind: 'recording', id, state };
    }
    default:
      return undefined;
  }
}
