import type { CallerLeg, Member, QueueChannel, QueueFact } from '../mirror/ports.ts';
import type { AmiMessage } from './ports.ts';
import { deviceStates } from './translate.ts';

/** By Asterisk's numbers. */
const deviceByNumber = [...deviceStates.values()];

const textMax = 128;

/**
 * An event of app_queue, or the end of a channel, to the fact that it tells; undefined for all else. In these events the
 * caller's fields have no prefix and the member's begin with `Dest`. Source: app_queue.c of Asterisk 22; older ones since
 * 12 tell the same.
 */
export function translateQueueEvent(event: AmiMessage, nodeId: string, atMs: number): QueueFact | undefined {
  switch (event.name) {
    case 'Hangup':
      return channelGone(event, nodeId, atMs);
    case 'QueueMemberStatus':
    case 'QueueMemberAdded':
    case 'QueueMemberPause':
      return memberChanged(event, nodeId, atMs);
    case 'QueueMemberRemoved':
      return memberRemoved(event, nodeId, atMs);
    case 'QueueCallerJoin':
    case 'QueueCallerLeave':
    case 'QueueCallerAbandon':
      return callerMoved(event, nodeId, atMs);
    case 'AgentCalled':
    case 'AgentConnect':
      return memberDialled(event, nodeId, atMs);
    case 'AgentRingNoAnswer':
    case 'AgentComplete':
      return memberDone(event, nodeId, atMs);
    default:
      return undefined;
  }
}

function channelGone(event: AmiMessage, nodeId: string, atMs: number): QueueFact | undefined {
  const uniqueId = event.get('Uniqueid');
  if (!uniqueId) return undefined;
  return { kind: 'channelGone', nodeId, atMs, uniqueId, cause: Number(event.get('Cause') ?? 0) || 0 };
}

function memberChanged(event: AmiMessage, nodeId: string, atMs: number): QueueFact | undefined {
  const queue = text(event, 'Queue');
  const member = memberOf(event, 'Interface');
  return queue && member ? { kind: 'memberChanged', nodeId, atMs, queue, member } : undefined;
}

function memberRemoved(event: AmiMessage, nodeId: string, atMs: number): QueueFact | undefined {
  const queue = text(event, 'Queue');
  const dialled = text(event, 'Interface');
  return queue && dialled ? { kind: 'memberRemoved', nodeId, atMs, queue, interface: dialled } : undefined;
}

function callerMoved(event: AmiMessage, nodeId: string, atMs: number): QueueFact | undefined {
  const queue = text(event, 'Queue');
  const caller = callerOf(event);
  if (!queue || !caller) return undefined;
  if (event.name === 'QueueCallerJoin') return { kind: 'callerJoined', nodeId, atMs, queue, caller };
  const kind = event.name === 'QueueCallerLeave' ? 'callerLeft' : 'callerAbandoned';
  return { kind, nodeId, atMs, queue, uniqueId: caller.uniqueId };
}

function memberDialled(event: AmiMessage, nodeId: string, atMs: number): QueueFact | undefined {
  const queue = text(event, 'Queue');
  const caller = callerOf(event);
  const dialled = text(event, 'Interface');
  const legId = event.get('DestUniqueid');
  if (!queue || !caller || !dialled || !legId) return undefined;
  const kind = event.name === 'AgentCalled' ? 'memberCalled' : 'memberConnected';
  return { kind, nodeId, atMs, queue, caller, interface: dialled, legId };
}

function memberDone(event: AmiMessage, nodeId: string, atMs: number): QueueFact | undefined {
  const queue = text(event, 'Queue');
  const uniqueId = event.get('Uniqueid');
  const legId = event.get('DestUniqueid');
  const dialled = text(event, 'Interface') ?? '';
  if (!queue || !uniqueId || !legId) return undefined;
  if (event.name === 'AgentRingNoAnswer') return { kind: 'memberNoAnswer', nodeId, atMs, queue, uniqueId, legId };
  const told = event.get('Reason');
  const reason = told === 'agent' || told === 'transfer' ? told : 'caller';
  return { kind: 'memberCompleted', nodeId, atMs, queue, uniqueId, interface: dialled, legId, reason };
}

/** A member as its events tell it, and QueueStatus, which calls the interface `Location`. */
export function memberOf(event: AmiMessage, interfaceHeader: 'Interface' | 'Location'): Member | undefined {
  const dialled = text(event, interfaceHeader);
  if (!dialled) return undefined;
  return {
    interface: dialled,
    stateInterface: text(event, 'StateInterface') ?? dialled,
    device: deviceByNumber[Number(event.get('Status') ?? 0)] ?? 'unknown',
    paused: event.get('Paused') === '1',
    pausedReason: text(event, 'PausedReason') ?? '',
    inCall: event.get('InCall') === '1',
  };
}

export function callerOf(event: AmiMessage): CallerLeg | undefined {
  const uniqueId = event.get('Uniqueid');
  if (!uniqueId) return undefined;
  return { uniqueId, callerNumber: numberOf(event), dialledNumber: text(event, 'Exten') ?? '' };
}

/** A number that is withheld is told as `<unknown>`. */
function numberOf(event: AmiMessage): string {
  const number = text(event, 'CallerIDNum') ?? '';
  return /^<?unknown>?$/i.test(number) ? '' : number;
}

/**
 * A channel that `Status` lists, when app_queue holds it: who waits or talks is in `Queue`, whose phone it has dialled in
 * `AppQueue`. Whoever else is in a bridge may be a phone whose Local channel is gone since, so it is given as one, too.
 */
export function queueChannelOf(event: AmiMessage): QueueChannel | undefined {
  const leg = callerOf(event);
  const application = event.get('Application') ?? '';
  const bridgeId = event.get('BridgeID') || undefined;
  if (!leg || (application !== 'Queue' && application !== 'AppQueue' && !bridgeId)) return undefined;
  const isCaller = application === 'Queue';
  return {
    role: isCaller ? 'caller' : application === 'AppQueue' ? 'member' : 'other',
    leg,
    linkedId: event.get('Linkedid') ?? leg.uniqueId,
    queue: isCaller ? (event.get('Data') ?? '').split(',')[0] : undefined,
    interface: isCaller ? undefined : dialledOf(event.get('Channel') ?? ''),
    answered: event.get('ChannelState') === '6',
    bridgeId,
  };
}

/** `PJSIP/1001-0000002a` and `Local/1001@from-queue-00000001;1` without what makes them one channel. */
function dialledOf(channel: string): string {
  const name = channel.replace(/;[12]$/, '');
  const at = name.lastIndexOf('-');
  return at < 0 ? name : name.slice(0, at);
}

/** Undefined when empty; control characters go, and nothing is longer than it need be. */
function text(event: AmiMessage, header: string): string | undefined {
  const value = event.get(header);
  if (!value) return undefined;
  const cut = value.length > textMax ? value.slice(0, textMax) : value;
  return /[\u0000-\u001f\u007f]/.test(cut) ? cut.replace(/[\u0000-\u001f\u007f]/g, '') : cut;
}
