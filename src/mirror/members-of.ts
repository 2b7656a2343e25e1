/** The agent behind a member; undefined for one who is nobody's that we know. */
export type AgentOf = (nodeId: string, dialled: string, stateInterface: string) => string | undefined;

/** Which members are whose. */
export interface MemberRules {
  readonly agents: readonly {
    readonly id: string;
    readonly endpoint: string;
    readonly nodeId?: string | undefined;
    readonly devices?: readonly { readonly endpoint: string }[] | undefined;
  }[];
  /** Interfaces that app_queue dials instead of a phone; `{name}` is the phone's name without its technology. */
  readonly forms: readonly string[];
  /** What neither rule finds; goes before them. */
  readonly named: readonly { readonly interface: string; readonly agent: string; readonly node?: string | undefined }[];
}

/**
 * Finds the agent behind a member: one that is named, one whose phone is dialled, directly or through a form such as
 * `Local/{name}@from-queue/n`, and at last the one whose phone's state counts for the member.
 */
export function memberFinder(rules: MemberRules): AgentOf {
  const named = new Map(rules.named.map((one) => [`${one.node ?? ''} ${one.interface}`, one.agent]));
  const phones = new Map<string, string>();
  for (const { id, endpoint, nodeId = '', devices } of rules.agents) {
    for (const phone of devices?.map((device) => device.endpoint) ?? [endpoint]) {
      const name = phone.slice(phone.indexOf('/') + 1);
      for (const dialled of [phone, ...rules.forms.map((form) => form.replaceAll('{name}', () => name))]) {
        const key = `${nodeId} ${dialled}`;
        if (!phones.has(key)) phones.set(key, id);
      }
    }
  }
  const find = (table: ReadonlyMap<string, string>, nodeId: string, name: string): string | undefined =>
    table.get(`${nodeId} ${name}`) ?? table.get(` ${name}`);
  return (nodeId, dialled, stateInterface) =>
    find(named, nodeId, dialled) ?? find(phones, nodeId, dialled) ?? find(phones, nodeId, stateInterface);
}
