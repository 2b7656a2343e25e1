/** One of several phones of an agent. */
export interface AgentDevice {
  readonly id: string;
  readonly endpoint: string;
}

/** An agent as configured. */
export interface AgentProfile {
  readonly id: string;
  readonly name: string;
  /** The phone to ring, as Asterisk names it: `PJSIP/1001`. Also the device whose state is watched. */
  readonly endpoint: string;
  /** All phones of an agent who has several, in the order in which they are preferred; `endpoint` is the first. */
  readonly devices?: readonly AgentDevice[] | undefined;
  /** The node where the phone is registered; undefined means the node of the call. */
  readonly nodeId?: string;
  /** Skill to level, 0 to 100. A language is a skill. */
  readonly skills: Readonly<Record<string, number>>;
  /** The queues that the agent serves. */
  readonly queues: readonly string[];
  /** What else requirements can ask for: site, contract, sex, product line. */
  readonly attributes?: Readonly<Record<string, string | number | boolean>> | undefined;
  /** How many contacts at once of each channel beside voice; absent: none. A call leaves room for nothing else. */
  readonly capacity?: Readonly<Record<string, number>> | undefined;
}
