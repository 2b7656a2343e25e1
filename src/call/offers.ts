import type { Call, Offer } from './call.ts';
import { type OfferToken, sameOffer } from './offer.ts';

/**
 * The offers of a call that stand: one, or several where a queue rings more than one phone at once. Whoever answers
 * first takes the others' away, so an answered offer stands alone.
 */
export const offersOf = ({ offers }: Call): readonly Offer[] => offers ?? [];

export const offerOfLeg = (call: Call, legId: string): Offer | undefined =>
  call.offers?.find((offer) => offer.legId === legId);

export const offerNamed = (call: Call, token: OfferToken): Offer | undefined =>
  call.offers?.find((offer) => sameOffer(offer.token, token));

export const offerTo = (call: Call, agentId: string): Offer | undefined =>
  call.offers?.find(({ token }) => token.agentId === agentId);

/** The agent who picked up and is being joined. */
export const answeredOffer = (call: Call): Offer | undefined => call.offers?.find(({ stage }) => stage === 'answered');

/** Whose the call is by offer, when that is one agent only. */
export function soleOffer({ offers }: Call): Offer | undefined {
  return offers?.length === 1 ? offers[0] : undefined;
}

/** The list without one of them; undefined when none is left. */
export function without(call: Call, gone: Offer): readonly Offer[] | undefined {
  const left = offersOf(call).filter(({ legId }) => legId !== gone.legId);
  return left.length > 0 ? left : undefined;
}
