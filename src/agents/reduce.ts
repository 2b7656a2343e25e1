import { type DeviceState, type OfferOutcome, sameOffer } from '../call/index.ts';
import { type Agent, type AgentInput, deviceIsFree } from './agent.ts';

/**
 * What an input does to an agent. Pure. Gives back the same object when it changes nothing: an input that names
 * another offer or call than the one that stands is late news.
 */
export function reduceAgent(agent: Agent, input: AgentInput, atMs: number): Agent {
  switch (input.kind) {
    case 'signIn':
      if (agent.presence !== 'signedOut') return agent;
      return changed(agent, { presence: 'available', pauseReason: undefined, unanswered: 0, ...fresh(agent, atMs) });
    case 'signOut':
      if (agent.presence === 'signedOut') return agent;
      return changed(agent, { presence: 'signedOut', pauseReason: undefined, sinceMs: atMs });
    case 'setAvailable':
      if (agent.presence !== 'paused') return agent;
      return changed(agent, { presence: 'available', pauseReason: undefined, unanswered: 0, ...fresh(agent, atMs) });
    case 'pause':
      if (agent.presence === 'signedOut') return agent;
      if (agent.presence === 'paused' && agent.pauseReason === input.reason) return agent;
      return changed(agent, { presence: 'paused', pauseReason: input.reason, sinceMs: atMs });
    case 'offered':
      return changed(agent, { routing: 'offered', offer: input.token, callId: input.token.callId, sinceMs: atMs });
    case 'offerAnswered':
      if (!sameOffer(agent.offer, input.token)) return agent;
      return changed(agent, { routing: 'talking', offer: undefined, unanswered: 0, sinceMs: atMs });
    case 'offerEnded':
      return sameOffer(agent.offer, input.token) ? afterOffer(agent, input, atMs) : agent;
    case 'talkEnded':
      if (agent.routing !== 'talking' || agent.callId !== input.callId) return agent;
      return input.wrapUpMs > 0
        ? changed(agent, { routing: 'wrapUp', wrapUpUntilMs: atMs + input.wrapUpMs, sinceMs: atMs })
        : changed(agent, { ...idle(atMs), cooldownUntilMs: atMs + input.cooldownMs });
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
      if (agent.device === input.state) return agent;
      return changed(agent, { device: input.state, ...(hungUp(agent, input.state) ? adviceServed(atMs) : {}) });
  }
}

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
    ...(tooMany ? { presence: 'paused' as const, pauseReason: 'noAnswer' } : {}),
  });
}
