import { type DeviceState, type OfferOutcome, type OfferToken, sameOffer } from '../call/index.ts';
import { type Agent, type AgentDraft, type AgentInput, draftOf, type Presence } from './agent.ts';
import { deviceIsFree, stateOfPhones } from './devices.ts';

/**
 * What an input does to an agent. Pure. Gives back the same object when it changes nothing: an input that names
 * another offer or call than the one that stands is late news.
 */
export function reduceAgent(agent: Agent, input: AgentInput, atMs: number): Agent {
  const after = draftOf(agent);
  return changeAgent(after, input, atMs) ? after : agent;
}

/**
 * The same in place; says whether anything changed. Routing owns its agents and does this several times a call: copies
 * of ten thousand of them are what a collector of garbage has most work with.
 */
export function changeAgent(agent: AgentDraft, input: AgentInput, atMs: number): boolean {
  const isChanged = apply(agent, input, atMs);
  if (isChanged) agent.version += 1;
  return isChanged;
}

function apply(agent: AgentDraft, input: AgentInput, atMs: number): boolean {
  switch (input.kind) {
    case 'signIn':
      return agent.presence === 'signedOut' && comesToWork(agent, input, atMs);
    case 'signOut':
      return agent.presence !== 'signedOut' && becomes(agent, 'signedOut', input, atMs);
    case 'setAvailable':
      return agent.presence === 'paused' && comesToWork(agent, input, atMs);
    case 'pause':
      return paused(agent, input, atMs);
    case 'deviceChosen':
      if (agent.chosenDevice === input.device) return false;
      agent.chosenDevice = input.device;
      return phonesChanged(agent);
    case 'skillsGiven':
      agent.skills = input.skills;
      agent.changedBy = input.by;
      return true;
    case 'offered':
      // Whoever has something to do has no offer besides.
      return agent.routing === 'idle' && offered(agent, input.token, atMs);
    case 'offerAnswered':
      if (!agent.offer || !sameOffer(agent.offer, input.token)) return false;
      return agent.offer.channel === undefined
        ? talking(agent, input.keepsIdle, atMs)
        : takes(agent, agent.offer, atMs);
    case 'offerEnded':
      return sameOffer(agent.offer, input.token) && afterOffer(agent, input, atMs);
    case 'talkEnded':
      if (agent.routing !== 'talking' || agent.callId !== input.callId) return contactEnded(agent, input, atMs);
      return input.wrapUpMs > 0 ? writingUp(agent, input, atMs) : resting(agent, input.cooldownMs, atMs);
    case 'wrapUpExtended':
      return extended(agent, input.byMs);
    case 'wrapUpEnded':
      return agent.routing === 'wrapUp' && idle(agent, atMs);
    case 'advised':
      agent.advised = { callId: input.callId, untilMs: input.untilMs, idleSinceMs: agent.idleSinceMs };
      agent.idleSinceMs = atMs;
      return true;
    case 'adviceUnused':
      if (agent.advised?.callId !== input.callId) return false;
      agent.idleSinceMs = agent.advised.idleSinceMs;
      agent.advised = undefined;
      return true;
    case 'deviceChanged':
      return phoneChanged(agent, input, atMs);
  }
}

/** A presence that somebody asked for; what belonged to the one before goes. */
function becomes(agent: AgentDraft, presence: Presence, { by }: { by?: string | undefined }, atMs: number): true {
  agent.presence = presence;
  agent.pauseReason = undefined;
  agent.pauseProductive = undefined;
  agent.changedBy = by;
  agent.sinceMs = atMs;
  return true;
}

/** An agent who has just come is last in line for work, not first. */
function comesToWork(agent: AgentDraft, asked: { by?: string | undefined }, atMs: number): true {
  agent.unanswered = 0;
  if (agent.routing === 'idle') agent.idleSinceMs = atMs;
  else agent.keepsIdle = undefined;
  return becomes(agent, 'available', asked, atMs);
}

function paused(agent: AgentDraft, input: Extract<AgentInput, { kind: 'pause' }>, atMs: number): boolean {
  if (agent.presence === 'signedOut') return false;
  if (agent.presence === 'paused' && agent.pauseReason === input.reason) return false;
  becomes(agent, 'paused', input, atMs);
  agent.pauseReason = input.reason;
  agent.pauseProductive = input.productive;
  return true;
}

type TalkEnded = Extract<AgentInput, { kind: 'talkEnded' }>;

function offered(agent: AgentDraft, token: OfferToken, atMs: number): true {
  agent.routing = 'offered';
  agent.offer = token;
  agent.callId = token.callId;
  agent.sinceMs = atMs;
  return true;
}

function talking(agent: AgentDraft, keepsIdle: boolean | undefined, atMs: number): true {
  agent.routing = 'talking';
  agent.offer = undefined;
  agent.unanswered = 0;
  agent.keepsIdle = keepsIdle;
  agent.sinceMs = atMs;
  return true;
}

/** A chat or mail is in hand from now on, and the agent may be asked again. */
function takes(agent: AgentDraft, { callId, channel = 'voice' }: OfferToken, atMs: number): true {
  agent.contacts = [...(agent.contacts ?? []), { callId, channel }];
  agent.unanswered = 0;
  return idle(agent, atMs);
}

/** Only the last one is written up: who has others in hand, or is offered one, goes on with those. */
function contactEnded(agent: AgentDraft, input: TalkEnded, atMs: number): boolean {
  const rest = agent.contacts?.filter(({ callId }) => callId !== input.callId);
  if (!rest || rest.length === agent.contacts?.length) return false;
  agent.contacts = rest.length > 0 ? rest : undefined;
  rests(agent, input.cooldownMs, atMs);
  if (rest.length > 0 || agent.routing !== 'idle') return true;
  agent.callId = input.callId;
  return input.wrapUpMs > 0 ? writingUp(agent, input, atMs) : idle(agent, atMs);
}

function writingUp(agent: AgentDraft, { wrapUpMs, wrapUpMaxMs }: TalkEnded, atMs: number): true {
  agent.routing = 'wrapUp';
  agent.wrapUpUntilMs = atMs + wrapUpMs;
  if (wrapUpMaxMs !== undefined) agent.wrapUpMaxUntilMs = atMs + wrapUpMaxMs;
  agent.sinceMs = atMs;
  return true;
}

function resting(agent: AgentDraft, cooldownMs: number, atMs: number): true {
  rests(agent, cooldownMs, atMs);
  return idle(agent, atMs);
}

/** Makes no rest shorter: one may be running of who had a chat besides, or has dialled himself meanwhile. */
function rests(agent: AgentDraft, cooldownMs: number, atMs: number): void {
  agent.cooldownUntilMs = Math.max(agent.cooldownUntilMs, atMs + cooldownMs);
}

function extended(agent: AgentDraft, byMs: number): boolean {
  const { routing, wrapUpUntilMs, wrapUpMaxUntilMs } = agent;
  if (routing !== 'wrapUp' || wrapUpUntilMs === undefined || wrapUpMaxUntilMs === undefined) return false;
  const untilMs = Math.min(wrapUpMaxUntilMs, wrapUpUntilMs + Math.max(0, byMs));
  if (untilMs <= wrapUpUntilMs) return false;
  agent.wrapUpUntilMs = untilMs;
  return true;
}

type PhoneChanged = Extract<AgentInput, { kind: 'deviceChanged' }>;

function phoneChanged(agent: AgentDraft, { state, endpoint }: PhoneChanged, atMs: number): boolean {
  const { device: before } = agent;
  const isChanged = agent.profile.devices ? ownPhoneChanged(agent, state, endpoint) : onlyPhoneChanged(agent, state);
  if (!isChanged) return false;
  if (agent.advised && !deviceIsFree(before) && deviceIsFree(agent.device)) {
    // The phone that the dialplan rang is free again.
    agent.advised = undefined;
    agent.idleSinceMs = atMs;
  }
  return true;
}

/** A state without a phone's name is that of all of them: the link by which we know them is gone. */
function ownPhoneChanged(agent: AgentDraft, state: DeviceState, endpoint: string | undefined): boolean {
  if (endpoint !== undefined && agent.devices?.[endpoint] === state) return false;
  agent.devices = endpoint === undefined ? undefined : { ...agent.devices, [endpoint]: state };
  return phonesChanged(agent);
}

function onlyPhoneChanged(agent: AgentDraft, device: DeviceState): boolean {
  if (agent.device === device) return false;
  agent.device = device;
  return true;
}

/** The state that counts follows from the phones and the choice between them. */
function phonesChanged(agent: AgentDraft): true {
  if (agent.profile.devices) agent.device = stateOfPhones(agent);
  return true;
}

function idle(agent: AgentDraft, atMs: number): true {
  agent.routing = 'idle';
  agent.callId = undefined;
  agent.offer = undefined;
  agent.wrapUpUntilMs = undefined;
  agent.wrapUpMaxUntilMs = undefined;
  agent.sinceMs = atMs;
  if (agent.keepsIdle !== true) agent.idleSinceMs = atMs;
  agent.keepsIdle = undefined;
  return true;
}

/** Nothing that the agent did: the caller hung up, we took the offer back, or another phone was faster. */
const isInnocent = (outcome: OfferOutcome): boolean =>
  outcome === 'callerLeft' || outcome === 'withdrawn' || outcome === 'rescinded';

/**
 * An offer that came to nothing. The agent's own doing sends the agent to the end of the line; a caller who hung up
 * or an offer that we took back leaves the agent's place as it was.
 */
function afterOffer(agent: AgentDraft, input: Extract<AgentInput, { kind: 'offerEnded' }>, atMs: number): true {
  const { idleSinceMs } = agent;
  const innocent = isInnocent(input.outcome);
  idle(agent, atMs);
  if (innocent) agent.idleSinceMs = idleSinceMs;
  rests(agent, input.cooldownMs, atMs);
  if (input.outcome === 'noAnswer') agent.unanswered += 1;
  else if (!innocent) agent.unanswered = 0;
  const tooMany = input.outcome === 'noAnswer' && agent.unanswered >= input.noAnswerLimit;
  if (!tooMany || agent.presence !== 'available') return true;
  agent.presence = 'paused';
  agent.pauseReason = 'noAnswer';
  agent.changedBy = undefined;
  return true;
}
