import type { Config } from '../config/index.ts';
import { type AmiLink, createQueuePort } from './ami/index.ts';
import type { Switchboard } from './bridge/index.ts';
import type { CustomerLookup, Journal } from './bridge/ports.ts';
import type { Clock, Logger } from './kernel/index.ts';
import { type MirrorAgents, MirrorDesk, QueueMirror, routedBy } from './mirror/index.ts';
import { mirroredQueues } from './mirrored-queues.ts';
import { maskText } from './security/index.ts';

/** Before another reading of the queues is tried. */
const resyncRetryMs = 2_000;
/** By then the state of a phone has told that it is in use. */
const deviceToldMs = 2_000;
/** How long an agent is kept from our calls whose phone has no state, if nobody tells that he has hung up. */
const blindTalkMaxMs = 3_600_000;

interface Parts {
  readonly links: readonly AmiLink[];
  readonly lookup: CustomerLookup;
  readonly journal: Journal;
  readonly board: () => Switchboard;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly logger: Logger;
}

/** What app_queue routes beside us, as the section `mirror` says. */
export function composeMirror(config: Config, section: NonNullable<Config['mirror']>, parts: Parts): MirrorDesk {
  const { clock, logger, links, newId, lookup, journal } = parts;
  const { ringMaxMs, graceMs, staleMaxMs, rereadMs, callsMax, membersMax } = section;
  const { queues, agentOf } = mirroredQueues(config, section, config.agents);
  const deadlineMs = Math.max(...config.pbx.nodes.map(({ ami }) => ami?.deadlineMs ?? 0));
  const mirror = new QueueMirror({
    queues,
    agentOf,
    newId: () => `aq-${newId()}`,
    ringMaxMs,
    graceMs,
    staleMaxMs,
    callsMax,
    membersMax,
    // It may wait in our lane for as long as the PBX may take to answer.
    askedForMs: 2 * deadlineMs,
    shown: maskText,
  });
  const ports = links.flatMap((link) => {
    const own = queues.filter(({ nodeId }) => nodeId === link.nodeId).map(({ name }) => name);
    return own.length === 0
      ? []
      : [createQueuePort(link, { queues: own, resyncRetryMs, rereadMs }, { clock, log: logger })];
  });
  return new MirrorDesk({
    tenant: config.tenant,
    mirror,
    queueIds: queues.map(({ id }) => id),
    ports,
    memberFinder: () => {
      const agents = [...parts.board().desk.engine.allAgents()].map(({ profile }) => profile);
      return mirroredQueues(config, section, agents).agentOf;
    },
    lookup,
    journal,
    agents: agentsOf(parts, config.pauses.reasons),
    ringMaxMs,
    graceMs,
    pauseDeadlineMs: deadlineMs,
    clock,
    logger,
  });
}

function agentsOf({ board, clock }: Parts, reasons: Config['pauses']['reasons']): MirrorAgents {
  const input = (agentId: string, change: Parameters<Switchboard['desk']['agentInput']>[1]): void =>
    board().desk.agentInput(agentId, change);
  return {
    all: () =>
      [...board().desk.engine.allAgents()].map(({ profile, presence, pauseReason }) => ({
        id: profile.id,
        presence,
        reason: pauseReason ?? '',
      })),
    pause(agentId, { paused, reason }) {
      if (!paused) return input(agentId, { kind: 'setAvailable', by: routedBy });
      const productive = reasons.find(({ id }) => id === reason)?.productive;
      input(agentId, { kind: 'pause', reason: reason === '' ? undefined : reason, productive, by: routedBy });
    },
    talks(agentId, callId) {
      const device = board().desk.engine.agent(agentId)?.device;
      const untilMs = clock.nowMs() + (device === 'unknown' ? blindTalkMaxMs : deviceToldMs);
      input(agentId, { kind: 'advised', callId, untilMs });
    },
    hungUp: (agentId, callId) => input(agentId, { kind: 'advised', callId, untilMs: clock.nowMs() }),
  };
}
