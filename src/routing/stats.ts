/** What routing has counted since it began. What cannot be changes nothing, but is not passed over in silence. */
export interface RoutingStats {
  offers: number;
  /** Answers to an offer that does not stand: late, told twice, or never made. */
  answersToNoOffer: number;
  /** Ends of an offer that does not stand. */
  endsOfNoOffer: number;
  /** Ends of a conversation that the agent is not in. */
  endsOfNoTalk: number;
  unknownAgents: number;
  /** Inputs with a time before that of an earlier one; they are taken at the later time. */
  timeWentBack: number;
}

export function newStats(): RoutingStats {
  return { offers: 0, answersToNoOffer: 0, endsOfNoOffer: 0, endsOfNoTalk: 0, unknownAgents: 0, timeWentBack: 0 };
}
