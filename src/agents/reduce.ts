import { type DeviceState, type OfferOutcome, sameOffer } from '../call/index.ts';
import type { Agent, AgentInput, Presence } from './agent.ts';
import { deviceIsFree, stateOfPhones } from './devices.ts';

/**
 * What an input does to an agent. Pure. Gives back the same object when it changes nothing: an input that names
 * another offer or call than the one that stands is late news.
 */
export function reduceAgent(agent: Agent, input: AgentInput, atMs: number): Agent {
  switch (input.kind) {
    case 'signIn':
      if (agent.presence !== 'signedOut') return agent;
      return becomes(agent, 'available', input, { unanswered: 0, ...fresh(agent, atMs) });
    case 'signOut':
      if (agent.presence === 'signedOut') return agent;
      return becomes(agent, 'signedOut', input, { sinceMs: atMs });
    case 'setAvailable':
      if (agent.presence !== 'paused') return agent;
      return becomes(agent, 'available', input, { unanswered: 0, ...fresh(agent, atMs) });
    case 'pause':
      if (agent.presence === 'signedOut') return agent;
      if (agent.presence === 'paused' && agent.pauseReason === input.reason) return agent;
      return becomes(agent, 'paused', input, {
        pauseReason: input.reason,
        pauseProductive: input.productive,
        sinceMs: atMs,
      });
    case 'deviceChosen':
      if (agent.chosenDevice === input.device) return agent;
      return withPhones(agent, { chosenDevice: input.device });
    case 'skillsGiven':
      return changed(agent, { skills: input.skills, changedBy: input.by });
    case 'offered':
      // Whoever has something to do has no offer besides.
      if (agent.routing !== 'idle') return agent;
      return changed(agent, { routing: 'offered', offer: input.token, callId: input.token.callId, sinceMs: atMs });
    case 'offerAnswered':
      if (!sameOffer(agent.offer, input.token)) return agent;
      return changed(agent, { routing: 'talking', offer: undefined, unanswered: 0, sinceMs: atMs });
    case 'offerEnded':
      return sameOffer(agent.offer, input.token) ? afterOffer(agent, input, atMs) : agent;
    case 'talkEnded':
      if (agent.routing !== 'talking' || agent.callId !== input.callId) return agent;
      return input.wrapUpMs > 0
        ? changed(agent, { routing: 'wrapUp', ...wrapUpTimes(input, atMs), sinceMs: atMs })
        : changed(agent, { ...idle(atMs), cooldownUntilMs: atMs + input.cooldownMs });
    case 'wrapUpExtended':
      return extended(agent, input.byMs);
    case 'wrapUpEnded':
      return agent.routing === 'wrapUp' ? changed(agent, idle(atMs)) : agent;
    case 'advised': {
      const { callId, untilMs } = input;
      const { idleSinceMs } = agent;
      return changed(agent, { advised: { callId, untilMs, idleSinceMs }, idleSinceMs: atMs });
    }
    case 'adviceUnused':
      if (agent.advised?.callId !== input.callId) return agent;
      return changed(agent, { advised: undefined, idleSinceMs: agent.advised.idleSinceMs });
    case 'deviceChanged':
      return phoneChanged(agent, input, atMs);
  }
}

/** A presence that somebody asked for; what belonged to the one before goes. */
function becomes(agent: Agent, presence: Presence, { by }: { by?: string | undefined }, part: Partial<Agent>): Agent {
  return changed(agent, { pauseReason: undefined, pauseProductive: undefined, ...part, presence, changedBy: by });
}

type TalkEnded = Extract<AgentInput, { kind: 'talkEnded' }>;

function wrapUpTimes({ wrapUpMs, wrapUpMaxMs }: TalkEnded, atMs: number): Partial<Agent> {
  const maxUntilMs = wrapUpMaxMs === undefined ? undefined : atMs + wrapUpMaxMs;
  return { wrapUpUntilMs: atMs + wrapUpMs, ...(maxUntilMs === undefined ? {} : { wrapUpMaxUntilMs: maxUntilMs }) };
}

function extended(agent: Agent, byMs: number): Agent {
  const { routing, wrapUpUntilMs, wrapUpMaxUntilMs } = agent;
  if (routing !== 'wrapUp' || wrapUpUntilMs === undefined || wrapUpMaxUntilMs === undefined) return agent;
  const untilMs = Math.min(wrapUpMaxUntilMs, wrapUpUntilMs + Math.max(0, byMs));
  return untilMs > wrapUpUntilMs ? changed(agent, { wrapUpUntilMs: untilMs }) : agent;
}

type PhoneChanged = Extract<AgentInput, { kind: 'deviceChanged' }>;

function phoneChanged(agent: Agent, { state, endpoint }: PhoneChanged, atMs: number): Agent {
  const after = agent.profile.devices ? ownPhoneChanged(agent, state, endpoint) : sameOr(agent, { device: state });
  return hungUp(agent, after.device) ? { ...after, ...adviceServed(atMs) } : after;
}

/** A state without a phone's name is that of all of them: the link by which we know them is gone. */
function ownPhoneChanged(agent: Agent, state: DeviceState, endpoint: string | undefined): Agent {
  if (endpoint === undefined) return withPhones(agent, { devices: undefined });
  if (agent.devices?.[endpoint] === state) return agent;
  return withPhones(agent, { devices: { ...agent.devices, [endpoint]: state } });
}

/** The state that counts follows from the phones and the choice between them. */
function withPhones(agent: Agent, part: Pick<Partial<Agent>, 'devices' | 'chosenDevice'>): Agent {
  const after = { ...agent, ...part };
  return changed(after, agent.profile.devices ? { device: stateOfPhones(after) } : {});
}

const sameOr = (agent: Agent, { device }: Pick<Agent, 'device'>): Agent =>
  agent.device === device ? agent : changed(agent, { device });

/** The phone that the dialplan rang is free again. */
function hungUp({ advised, device }: Agent, state: DeviceState): boolean {
  return advised !== undefined && !deviceIsFree(device) && deviceIsFree(state);
}

const adviceServed = (atMs: number): Partial<Agent> => ({ advised: undefined, idleSinceMs: atMs });

function changed(agent: Agent, part: Partial<Agent>): Agent {
  return { ...agent, ...part, version: agent.version + 1 };
}

/** An agent who has just come is last in line for work, not first. */
function fresh(agent: Agent, atMs: number): Partial<Agent> {
  return agent.routing === 'idle' ? { sinceMs: atMs, idleSinceMs: atMs } : { sinceMs: atMs };
}

function idle(atMs: number): Partial<Agent> {
  return {
    routing: 'idle',
    callId: undefined,
    offer: undefined,
    wrapUpUntilMs: undefined,
    wrapUpMaxUntilMs: undefined,
    sinceMs: atMs,
    idleSinceMs: atMs,
  };
}

/** Nothing that the agent did: the caller hung up, we took the offer back, or another phone was faster. */
const isInnocent = (outcome: OfferOutcome): boolean =>
  outcome === 'callerLeft' || outcome === 'withdrawn' || outcome === 'rescinded';

/**
 * An offer that came to nothing. The agent's own doing sends the agent to the end of the line; a caller who hung up
 * or an offer that we took back leaves the agent's place as it was.
 */
function afterOffer(agent: Agent, input: Extract<AgentInput, { kind: 'offerEnded' }>, atMs: number): Agent {
  const innocent = isInnocent(input.outcome);
  const unanswered = input.outcome === 'noAnswer' ? agent.unanswered + 1 : innocent ? agent.unanswered : 0;
  const tooMany = input.outcome === 'noAnswer' && unanswered >= input.noAnswerLimit && agent.presence === 'available';
  return changed(agent, {
    ...idle(atMs),
    idleSinceMs: innocent ? agent.idleSinceMs : atMs,
    cooldownUntilMs: atMs + input.cooldownMs,
    unanswered,
    ...(tooMany ? { presence: 'paused' as const, pauseReason: 'noAnswer', changedBy: undefined } : {}),
  });
}
