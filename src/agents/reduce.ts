import { type DeviceState, type OfferOutcome, type OfferToken, sameOffer } from '../call/index.ts';
import { type Agent, type AgentDraft, type AgentInput, draftOf, type Presence } from './agent.ts';
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
      return offered(agent, input.token, atMs);
    case 'offerAnswered':
      if (!sameOffer(agent.offer, input.token)) return agent;
      return talking(agent, input.keepsIdle, atMs);
    case 'offerEnded':
      return sameOffer(agent.offer, input.token) ? afterOffer(agent, input, atMs) : agent;
    case 'talkEnded':
      if (agent.routing !== 'talking' || agent.callId !== input.callId) return agent;
      return input.wrapUpMs > 0 ? writingUp(agent, input, atMs) : resting(agent, input.cooldownMs, atMs);
    case 'wrapUpExtended':
      return extended(agent, input.byMs);
    case 'wrapUpEnded':
      return agent.routing === 'wrapUp' ? idle(agent, atMs) : agent;
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

function offered(agent: Agent, token: OfferToken, atMs: number): Agent {
  const after = draft(agent);
  after.routing = 'offered';
  after.offer = token;
  after.callId = token.callId;
  after.sinceMs = atMs;
  return after;
}

function talking(agent: Agent, keepsIdle: boolean | undefined, atMs: number): Agent {
  const after = draft(agent);
  after.routing = 'talking';
  after.offer = undefined;
  after.unanswered = 0;
  after.keepsIdle = keepsIdle;
  after.sinceMs = atMs;
  return after;
}

function writingUp(agent: Agent, { wrapUpMs, wrapUpMaxMs }: TalkEnded, atMs: number): Agent {
  const after = draft(agent);
  after.routing = 'wrapUp';
  after.wrapUpUntilMs = atMs + wrapUpMs;
  if (wrapUpMaxMs !== undefined) after.wrapUpMaxUntilMs = atMs + wrapUpMaxMs;
  after.sinceMs = atMs;
  return after;
}

function resting(agent: Agent, cooldownMs: number, atMs: number): Agent {
  const after = idle(agent, atMs);
  after.cooldownUntilMs = atMs + cooldownMs;
  return after;
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
  return hungUp(agent, after.device) ? Object.assign(draftOf(after), adviceServed(atMs)) : after;
}

/** A state without a phone's name is that of all of them: the link by which we know them is gone. */
function ownPhoneChanged(agent: Agent, state: DeviceState, endpoint: string | undefined): Agent {
  if (endpoint === undefined) return withPhones(agent, { devices: undefined });
  if (agent.devices?.[endpoint] === state) return agent;
  return withPhones(agent, { devices: { ...agent.devices, [endpoint]: state } });
}

/** The state that counts follows from the phones and the choice between them. */
function withPhones(agent: Agent, part: Pick<Partial<Agent>, 'devices' | 'chosenDevice'>): Agent {
  const after = Object.assign(draftOf(agent), part);
  return changed(after, agent.profile.devices ? { device: stateOfPhones(after) } : {});
}

const sameOr = (agent: Agent, { device }: Pick<Agent, 'device'>): Agent =>
  agent.device === device ? agent : changed(agent, { device });

/** The phone that the dialplan rang is free again. */
function hungUp({ advised, device }: Agent, state: DeviceState): boolean {
  return advised !== undefined && !deviceIsFree(device) && deviceIsFree(state);
}

const adviceServed = (atMs: number): Partial<Agent> => ({ advised: undefined, idleSinceMs: atMs });

/** A copy to change: for what happens on every call. */
function draft(agent: Agent): AgentDraft {
  const after = draftOf(agent);
  after.version = agent.version + 1;
  return after;
}

/** For what people ask for now and then. */
const changed = (agent: Agent, part: Partial<Agent>): Agent => Object.assign(draft(agent), part);

/** An agent who has just come is last in line for work, not first. */
function fresh(agent: Agent, atMs: number): Partial<Agent> {
  return agent.routing === 'idle' ? { sinceMs: atMs, idleSinceMs: atMs } : { sinceMs: atMs, keepsIdle: undefined };
}

function idle(agent: Agent, atMs: number): AgentDraft {
  const after = draft(agent);
  after.routing = 'idle';
  after.callId = undefined;
  after.offer = undefined;
  after.wrapUpUntilMs = undefined;
  after.wrapUpMaxUntilMs = undefined;
  after.keepsIdle = undefined;
  after.sinceMs = atMs;
  if (agent.keepsIdle !== true) after.idleSinceMs = atMs;
  return after;
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
  const after = idle(agent, atMs);
  after.idleSinceMs = innocent ? agent.idleSinceMs : atMs;
  after.cooldownUntilMs = atMs + input.cooldownMs;
  after.unanswered = unanswered;
  if (tooMany) Object.assign(after, { presence: 'paused', pauseReason: 'noAnswer', changedBy: undefined });
  return after;
}
