import {
  becomesTrue,
  freeUdpPort,
  type LabAsterisk,
  type LabPhone,
  type PhoneOptions,
  type SipCall,
  SipCaller,
  type SippPhone,
  startAsterisk,
  startPhone,
} from '../../../lab/index.ts';
import type { ControlRoom, SeenEvent, SeenEventOf } from '../../../lab/ringmaster/control-room.ts';
import type { RingmasterOptions } from '../../../lab/ringmaster/settings.ts';
import { type LabRingmaster, startRingmaster } from '../../../lab/ringmaster/start.ts';
import type { AgentViewData, CallViewData, EventType } from '../../../src/events/catalogue/index.ts';

/** SIP phones by what they do; each kind is one sipp process, however many phones it plays. */
export type PhoneKinds = Readonly<Record<string, PhoneOptions & { readonly count: number }>>;

/** Behaviours of the dialplan's agents without SIP; see lab/asterisk/dialplan.ts. */
export type LocalKind = 'answer' | 'slow' | 'busy' | 'ringout' | 'decline' | 'drop' | 'gone';

export interface AgentOptions {
  readonly id: string;
  readonly endpoint: string;
  /** Several phones; `endpoint` is then only what `endpointOf` says. */
  readonly devices?: readonly { readonly id: string; readonly endpoint: string }[];
  readonly queues?: readonly string[];
  readonly skills?: Readonly<Record<string, number>>;
}

export interface SiteOptions extends Omit<Partial<RingmasterOptions>, 'agents' | 'asterisk'> {
  readonly phones?: PhoneKinds;
  /** The queues of a kind's agents. Default `support`. */
  readonly phoneQueues?: (kind: string) => readonly string[];
  /** How many agents without SIP of each kind: `answer1`, `answer2`, … in queue `support`. */
  readonly locals?: Readonly<Partial<Record<LocalKind, number>>>;
  readonly agents?: readonly AgentOptions[];
  readonly dialplan?: string;
  readonly qualifySeconds?: number;
  readonly extraConfig?: Readonly<Record<string, string>>;
}

export const fallback = 'dialplan:ringmaster-fallback,s,1';
export const entry = { id: 'hotline', number: '4001', queue: 'support', answer: 'atEntry', fallback };
export const queue = {
  id: 'support',
  ringTimeoutMs: '10s',
  maxWaitMs: '120s',
  wrapUpMs: 0,
  overflow: fallback,
  noAnswerLimit: 100,
  cooldownMs: { declined: '1s', busy: '1s', noAnswer: '1s', unreachable: '1s' },
};

/** A caller as a test follows it: the SIP dialog, and our id of its call. */
export interface Caller {
  readonly number: string;
  readonly sip: SipCall;
  readonly id: string;
}

/**
 * A real Asterisk with phones, the real server in its own process, a SIP caller and a control room. One per test file:
 * every caller gets a number of its own, every test agents of its own, and `settled` says that nothing was left behind.
 */
export class Site implements AsyncDisposable {
  readonly asterisk: LabAsterisk;
  readonly server: LabRingmaster;
  room: ControlRoom;
  readonly profiles: readonly (AgentOptions & { readonly name: string })[];
  private readonly caller: SipCaller;
  private readonly stack: AsyncDisposableStack;
  private readonly taken = new Map<string, number>();
  private readonly calls: SipCall[] = [];
  private dialled = 0;

  private constructor(parts: {
    asterisk: LabAsterisk;
    server: LabRingmaster;
    room: ControlRoom;
    caller: SipCaller;
    stack: AsyncDisposableStack;
    profiles: Site['profiles'];
  }) {
    this.asterisk = parts.asterisk;
    this.server = parts.server;
    this.room = parts.room;
    this.caller = parts.caller;
    this.stack = parts.stack;
    this.profiles = parts.profiles;
  }

  static async open(options: SiteOptions = {}): Promise<Site> {
    const { phones: kinds = {}, locals = {}, agents: more = [], phoneQueues = () => ['support'], ...others } = options;
    const { dialplan = '', qualifySeconds = 0, extraConfig = {}, ...rest } = others;
    const stack = new AsyncDisposableStack();
    try {
      const { phones, phoneAgents } = await choosePhones(kinds);
      const asterisk = stack.use(await startAsterisk({ phones, dialplan, qualifySeconds, extraConfig }));
      for (const [kind, phone] of Object.entries(kinds)) {
        const port = phoneAgents.find(({ kind: mine }) => mine === kind)?.port ?? 0;
        stack.use<SippPhone>(await startPhone({ ...phone, port }));
      }
      const agents = [
        ...phoneAgents.map(({ id, endpoint, kind }) => ({ id, endpoint, queues: phoneQueues(kind) })),
        ...localAgents(locals),
        ...more,
      ].map((agent) => ({ name: agent.id, queues: ['support'], ...agent }));
      const settings = { asterisk, numbers: [entry], queues: [queue], ...rest, agents: agents.map(configured) };
      const server = stack.use(await startRingmaster(settings));
      const room = await server.open();
      const caller = stack.use(await SipCaller.open(asterisk));
      return new Site({ asterisk, server, room, caller, profiles: agents, stack: stack.move() });
    } catch (error) {
      await stack.disposeAsync();
      throw error;
    }
  }

  /** An agent of a kind that no test before has had, signed in. */
  async signIn(kind: string): Promise<string> {
    const id = this.fresh(kind);
    await this.room.signIn(id);
    return id;
  }

  /** The same without signing in. */
  fresh(kind: string): string {
    const number = (this.taken.get(kind) ?? 0) + 1;
    this.taken.set(kind, number);
    const id = `${kind}${number}`;
    this.endpointOf(id);
    return id;
  }

  endpointOf(agentId: string): AgentOptions {
    const profile = this.profiles.find(({ id }) => id === agentId);
    if (!profile) throw new Error(`the site has no agent ${agentId}`);
    return profile;
  }

  /** A number that nobody has called from. */
  nextNumber(): string {
    this.dialled += 1;
    return `1390001${String(this.dialled).padStart(4, '0')}`;
  }

  /** Places a SIP call; whether and how it arrives is the test's business. */
  dial(options: { readonly target?: string; readonly number?: string; readonly holdMs?: number } = {}): {
    readonly number: string;
    readonly sip: SipCall;
  } {
    const { target = '4001', number = this.nextNumber(), ...rest } = options;
    const sip = this.caller.call({ target, callerNumber: number, ...rest });
    this.calls.push(sip);
    return { number, sip };
  }

  /** Places a SIP call and waits until it has arrived. */
  async arrive(options: Parameters<Site['dial']>[0] = {}): Promise<Caller> {
    const { number, sip } = this.dial(options);
    return { number, sip, id: await this.room.callFrom(number) };
  }

  /** Places a SIP call and waits until it is in a queue. */
  async enqueue(options: Parameters<Site['dial']>[0] = {}): Promise<Caller> {
    const caller = await this.arrive(options);
    await this.see('call.queued.v1', caller.id);
    return caller;
  }

  /** An event of a call, seen or to come. */
  see<Type extends EventType>(
    type: Type,
    callId: string,
    fits: (event: SeenEventOf<Type>) => boolean = () => true,
    deadlineMs?: number,
  ): Promise<SeenEventOf<Type>> {
    return this.room.waitFor(type, (event) => event.subject === `call/${callId}` && fits(event), deadlineMs);
  }

  ended(callId: string, deadlineMs?: number): Promise<SeenEventOf<'call.ended.v1'>> {
    return this.see('call.ended.v1', callId, undefined, deadlineMs);
  }

  command(callId: string, verb: string, body?: object): Promise<unknown> {
    return this.room.ask('POST', `/v1/calls/${callId}/${verb}`, body);
  }

  async agent(agentId: string): Promise<AgentViewData> {
    return this.room.ask('GET', `/v1/agents/${agentId}`);
  }

  async liveCalls(): Promise<readonly CallViewData[]> {
    return (await this.room.ask<{ calls: readonly CallViewData[] }>('GET', '/v1/calls?limit=1000')).calls;
  }

  /** Ids of the bridges on the PBX with the channels in them. */
  bridges(): Promise<readonly { readonly id: string; readonly channels: readonly string[] }[]> {
    return this.ari('/bridges');
  }

  /** Reads from the PBX as an observer of its own, beside the server. */
  async ari<Body>(path: string): Promise<Body> {
    const { ariUrl, ariObserver, ariPassword } = this.asterisk;
    const authorization = `Basic ${btoa(`${ariObserver}:${ariPassword}`)}`;
    const response = await fetch(`${ariUrl}${path}`, { headers: { authorization } });
    if (!response.ok) throw new Error(`GET ${path}: ${response.status}`);
    return (await response.json()) as Body;
  }

  /** The channel of a phone or caller as the PBX lists it: by the id or the beginning of its name. */
  async channels(): Promise<readonly { readonly id: string; readonly name: string; readonly state: string }[]> {
    return this.ari('/channels');
  }

  /** Ends all calls, signs everybody out, and waits until server and PBX hold nothing any more. */
  async clear(): Promise<void> {
    for (const sip of this.calls) sip.hangUp();
    await Promise.all(this.calls.map((sip) => sip.ended));
    this.calls.length = 0;
    for (const { id, presence } of await this.agents()) if (presence !== 'signedOut') await this.room.signOut(id);
    await becomesTrue(async () => !(await this.liveCalls()).some(({ phase }) => phase !== 'wrapUp'), 5_000, 50);
    for (const { id, routing } of await this.agents()) {
      if (routing === 'wrapUp') await this.room.ask('POST', `/v1/agents/${id}/end-wrap-up`);
    }
    await this.settled();
  }

  /** Throws with what is left unless nothing is: no channel and no bridge on the PBX, no call, every agent idle. */
  async settled(deadlineMs = 8_000): Promise<void> {
    let left: readonly string[] = [];
    const isDone = async (): Promise<boolean> => {
      left = await this.leftovers();
      return left.length === 0;
    };
    if (!(await becomesTrue(isDone, deadlineMs, 50))) throw new Error(`left behind: ${left.join('; ')}`);
  }

  private async leftovers(): Promise<readonly string[]> {
    const [channels, bridges, calls, agents] = await Promise.all([
      this.asterisk.cli('core show channels concise'),
      this.bridges(),
      this.liveCalls(),
      this.agents(),
    ]);
    return [
      ...channels.split('\n').filter((line) => line.includes('!')),
      ...bridges.map(({ id }) => `bridge ${id}`),
      ...calls.map(({ id, phase }) => `call ${id} ${phase}`),
      ...agents.filter(({ routing }) => routing !== 'idle').map(({ id, routing }) => `agent ${id} ${routing}`),
    ];
  }

  async agents(): Promise<readonly AgentViewData[]> {
    return (await this.room.ask<{ agents: readonly AgentViewData[] }>('GET', '/v1/agents?limit=1000')).agents;
  }

  /** Hangs a channel up as the PBX's administrator would. */
  async requestHangup(channelName: string): Promise<void> {
    await this.asterisk.cli(`channel request hangup ${channelName}`);
  }

  /** Opens a new control room: after the server was started again, under its new address. */
  async reopen(): Promise<void> {
    await this.room.close();
    this.room = await this.server.open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.room.close();
    await this.stack.disposeAsync();
  }
}

/** As the configuration writes it. */
const configured = ({ endpoint, ...agent }: AgentOptions): Omit<AgentOptions, 'endpoint'> & { endpoint?: string } =>
  agent.devices ? agent : { ...agent, endpoint };

const firstPhone = 1001;

async function choosePhones(kinds: PhoneKinds): Promise<{
  phones: LabPhone[];
  phoneAgents: { id: string; endpoint: string; kind: string; port: number }[];
}> {
  const phones: LabPhone[] = [];
  const phoneAgents: { id: string; endpoint: string; kind: string; port: number }[] = [];
  for (const [kind, { count }] of Object.entries(kinds)) {
    const port = await freeUdpPort();
    for (let number = 1; number <= count; number += 1) {
      const name = String(firstPhone + phones.length);
      phones.push({ name, port });
      phoneAgents.push({ id: `${kind}${number}`, endpoint: `PJSIP/${name}`, kind, port });
    }
  }
  return { phones, phoneAgents };
}

function localAgents(locals: NonNullable<SiteOptions['locals']>): AgentOptions[] {
  return Object.entries(locals).flatMap(([kind, count]) =>
    Array.from({ length: count }, (_, index) => ({
      id: `local-${kind}${index + 1}`,
      endpoint: `Local/${kind}${index + 1}@lab-agents`,
    })),
  );
}

/** An event as any reader keeps it. */
interface StoryEvent {
  readonly type: string;
  readonly callseq?: number;
  readonly sequence: number | string;
  readonly data: object;
}

/** What the story of any call must be, however it went: throws with the first rule that it breaks. */
export function checkStory(told: readonly StoryEvent[], first = 'call.arrived.v1'): void {
  const events = told as readonly SeenEvent[];
  const tell = (rule: string): never => {
    throw new Error(`${rule}: ${events.map((event) => `${event.callseq ?? '-'} ${event.type}`).join(', ')}`);
  };
  events.forEach((event, index) => {
    if (event.callseq !== index + 1) tell('callseq is contiguous from 1');
    if (index > 0 && event.sequence <= (events[index - 1]?.sequence ?? 0)) tell('sequence grows');
  });
  if (events[0]?.type !== first) tell(`begins with ${first}`);
  const ends = events.filter(({ type }) => type === 'call.ended.v1');
  if (ends.length !== 1 || events.at(-1) !== ends[0]) tell('ends once, at last');
  const offers = events.filter((event) => event.type === 'call.offered.v1');
  for (const { data } of offers) {
    const outcomes = events.filter(
      (event) => event.type === 'call.offer.ended.v1' && event.data.attempt === data.attempt,
    );
    const isConnected = data.askedBy === undefined ? connectedAt(events, data) : hasAnsweredAt(events, data.attempt);
    const dropped = outcomes.some((event) => event.type === 'call.offer.ended.v1' && event.data.outcome === 'dropped');
    if (outcomes.length + (isConnected && !dropped ? 1 : 0) !== 1) tell(`offer ${data.attempt} ends once`);
  }
}

/** Whether who was asked at this attempt answered, before anybody else was offered the call. */
function hasAnsweredAt(events: readonly SeenEvent[], attempt: number): boolean {
  const from = events.findIndex((event) => event.type === 'call.offered.v1' && event.data.attempt === attempt);
  const next = events.slice(from + 1).find(({ type }) => /^call\.(offered|offer\.ended|consult\.answered)/.test(type));
  return next?.type === 'call.consult.answered.v1';
}

/** Whether the offer of this attempt led to a conversation: connected to its agent before that one's next offer. */
function connectedAt(
  events: readonly SeenEvent[],
  { attempt, agentId }: { attempt: number; agentId: string },
): boolean {
  const isOffer = (event: SeenEvent) => event.type === 'call.offered.v1' && event.data.agentId === agentId;
  const from = events.findIndex((event) => event.type === 'call.offered.v1' && event.data.attempt === attempt);
  const rest = events.slice(from + 1);
  const next = rest.findIndex(isOffer);
  const until = rest.slice(0, next < 0 ? rest.length : next);
  return until.some((event) => event.type === 'call.connected.v1' && event.data.agentId === agentId);
}
