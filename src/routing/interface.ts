import type { AgentInput, AgentProfile, AgentRecord } from '../agents/index.ts';
import type {
  DecisionExplanation,
  DeviceState,
  OfferOutcome,
  OfferToken,
  OverflowReason,
  TalkOutcome,
  Target,
} from '../call/index.ts';
import type { QueuePolicy } from './policy.ts';
import type { RoutingRequest } from './request.ts';

/** What routing is told. Inputs that name what does not stand any more change nothing. */
export type RoutingInput =
  | { readonly kind: 'enqueue'; readonly request: RoutingRequest }
  | { readonly kind: 'reassess'; readonly request: RoutingRequest }
  | { readonly kind: 'leave'; readonly callId: string }
  | { readonly kind: 'offerAnswered'; readonly token: OfferToken }
  | { readonly kind: 'offerEnded'; readonly token: OfferToken; readonly outcome: OfferOutcome }
  | {
      readonly kind: 'talkEnded';
      readonly agentId: string;
      readonly callId: string;
      readonly queueId: string;
      readonly outcome: TalkOutcome;
      /** The version of the rules with which the call came in. */
      readonly policyVersion?: string | undefined;
    }
  /** An agent asks for advice: whoever of the queue, or the agent that `onlyAgentId` names, is free now is reserved. */
  | { readonly kind: 'consult'; readonly request: RoutingRequest }
  | { readonly kind: 'agent'; readonly agentId: string; readonly input: AgentInput }
  /** An agent is new, or skills, attributes, queues or phone changed: counts from the next decision on. */
  | {
      readonly kind: 'agentProfile';
      readonly profile: AgentProfile;
      /** What is known of the agent's phones, by endpoint; counts where they are other phones than before. */
      readonly phones?: Readonly<Record<string, DeviceState>>;
    }
  /** The agent is not in the config any more: leaves once the work in hand is done. */
  | { readonly kind: 'agentRemoved'; readonly agentId: string }
  /**
   * Rules of another version. Calls keep those with which they came in; new ones name theirs by `policyVersion` or get
   * the newest that is `current`. One that is not current serves only who names it (a rollout to a share of calls).
   */
  | {
      readonly kind: 'policy';
      readonly version: string;
      readonly queues: readonly QueuePolicy[];
      readonly current: boolean;
    }
  | { readonly kind: 'restoreAgent'; readonly agentId: string; readonly record: AgentRecord }
  | { readonly kind: 'restoreOffer'; readonly token: OfferToken }
  /** Calls of a node that we cannot reach are not offered; they keep their place. */
  | { readonly kind: 'node'; readonly nodeId: string; readonly up: boolean }
  /** Whom would a call get that does not come to us? The agent is kept free for it until `holdMs` have passed. */
  | { readonly kind: 'advise'; readonly request: RoutingRequest; readonly holdMs: number }
  | { readonly kind: 'adviceUnused'; readonly agentId: string; readonly callId: string }
  | { readonly kind: 'tick' };

/** What routing wants done, in order. */
export type RoutingOutput =
  | {
      readonly kind: 'offer';
      readonly token: OfferToken;
      readonly endpoint: string;
      readonly mode: 'ring' | 'accept';
      readonly ringTimeoutMs: number;
      readonly explanation: DecisionExplanation;
      /** Rings beside the offers of this call that stand already (ring-all). */
      readonly beside?: true | undefined;
    }
  | {
      readonly kind: 'consult';
      readonly token: OfferToken;
      readonly queueId: string;
      readonly endpoint: string;
      readonly ringTimeoutMs: number;
      readonly explanation: DecisionExplanation;
    }
  | { readonly kind: 'offerExpired'; readonly token: OfferToken }
  | { readonly kind: 'withdraw'; readonly token: OfferToken }
  | {
      readonly kind: 'overflow';
      readonly callId: string;
      readonly target: Target;
      readonly reason: OverflowReason;
    }
  | { readonly kind: 'wrapUpEnded'; readonly agentId: string; readonly callId: string }
  | {
      readonly kind: 'advised';
      readonly callId: string;
      readonly agentId: string;
      readonly endpoint: string;
      readonly ringTimeoutMs: number;
      readonly untilMs: number;
      readonly explanation: DecisionExplanation;
    }
  | { readonly kind: 'agentChanged'; readonly agentId: string }
  | { readonly kind: 'queueChanged'; readonly queueId: string };
