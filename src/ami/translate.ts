import type { DeviceFact, DeviceState } from '../call/index.ts';
import type { AmiMessage } from './ports.ts';

/** Asterisk's names (devicestate.c) for our own, in the order of its numbers (devicestate.h). */
export const deviceStates: ReadonlyMap<string, DeviceState> = new Map([
  ['UNKNOWN', 'unknown'],
  ['NOT_INUSE', 'notInUse'],
  ['INUSE', 'inUse'],
  ['BUSY', 'busy'],
  ['INVALID', 'invalid'],
  ['UNAVAILABLE', 'unavailable'],
  ['RINGING', 'ringing'],
  ['RINGINUSE', 'ringInUse'],
  ['ONHOLD', 'onHold'],
]);

/** `Unknown` and `Created` say nothing yet about whether the phone can be reached. */
const contactReachable: ReadonlyMap<string, boolean> = new Map([
  ['Reachable', true],
  ['NonQualified', true],
  ['Unreachable', false],
  ['Removed', false],
]);

/**
 * An event to the fact it tells, or undefined for all that is no business of ours: unknown events pass. Events from
 * `DeviceStateList` have the same form as live ones. `atMs` is Unix time at reception.
 */
export function translateAmiEvent(event: AmiMessage, nodeId: string, atMs: number): DeviceFact | undefined {
  switch (event.name) {
    case 'DeviceStateChange':
      return deviceStateChanged(event, nodeId, atMs);
    case 'ContactStatus':
      return contactChanged(event, nodeId, atMs);
    case 'Shutdown':
      return { kind: 'pbxStopping', nodeId, atMs };
    default:
      return undefined;
  }
}

/** The devices are phones (`PJSIP/1001`); a state that a newer Asterisk may add is `unknown`. */
function deviceStateChanged(event: AmiMessage, nodeId: string, atMs: number): DeviceFact | undefined {
  const device = event.get('Device');
  if (!device) return undefined;
  return {
    kind: 'deviceStateChanged',
    nodeId,
    atMs,
    device,
    state: deviceStates.get(event.get('State') ?? '') ?? 'unknown',
  };
}

/**
 * One contact of an endpoint changed. An endpoint may have several: whether the phone can be rung at all is told by its
 * device state, this one tells why.
 */
function contactChanged(event: AmiMessage, nodeId: string, atMs: number): DeviceFact | undefined {
  const endpoint = event.get('EndpointName');
  const reachable = contactReachable.get(event.get('ContactStatus') ?? '');
  if (!endpoint || reachable === undefined) return undefined;
  return { kind: 'contactChanged', nodeId, atMs, device: `PJSIP/${endpoint}`, reachable };
}
