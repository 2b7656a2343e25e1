/** Something to choose, in the words of the configuration. */
interface Choice {
  readonly id: string;
  readonly zh?: string;
  readonly en?: string;
}

/** What the server lets agents say of themselves and their calls, as it answers at `/v1/agent-choices`. */
export interface AgentChoices {
  readonly pauses: { readonly required: boolean; readonly reasons: readonly Choice[] };
  readonly dispositions: { readonly codes: readonly Choice[] };
}

export const noChoices: AgentChoices = { pauses: { required: true, reasons: [] }, dispositions: { codes: [] } };

/** The word for the reader's language, else the other one, else the id. */
export const choiceText = ({ id, zh, en }: Choice, language: 'zh' | 'en'): string =>
  (language === 'zh' ? (zh ?? en) : (en ?? zh)) ?? id;
