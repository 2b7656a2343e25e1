import type { Agent } from './agent.ts';

/** Whether the agent has nothing in hand and is offered nothing. */
export const isAtRest = ({ routing, contacts }: Pick<Agent, 'routing' | 'contacts'>): boolean =>
  routing === 'idle' && contacts === undefined;

/** How many contacts of a channel the agent may have at once. Says nothing of calls: of these it is one, alone. */
export const capacityFor = ({ profile }: Pick<Agent, 'profile'>, channel: string): number =>
  profile.capacity?.[channel] ?? 0;

/** Whether one contact more of a channel that the agent takes would be too many. */
export function isFull(agent: Pick<Agent, 'profile' | 'contacts'>, channel: string): boolean {
  const most = capacityFor(agent, channel);
  let inHand = 0;
  for (const contact of agent.contacts ?? []) if (contact.channel === channel) inHand += 1;
  return most > 0 && inHand >= most;
}
