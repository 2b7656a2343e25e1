import type { Timer } from '../../src/kernel/index.ts';
import type { Bridge, Channel } from '../../src/ari/ports.ts';
import type { RungPhone } from './phone.ts';

/** One channel of the model. */
export interface VirtualChannel {
  readonly id: string;
  readonly name: string;
  /** The phone that was dialled; undefined for who came in. */
  readonly endpoint: string | undefined;
  readonly caller: { readonly name: string; readonly number: string };
  exten: string;
  state: 'Down' | 'Ring' | 'Ringing' | 'Up';
  /** `dialling`: not answered yet. `stasis`: in the application `app`. `dialplan`: goes its own way. */
  place: 'dialling' | 'stasis' | 'dialplan';
  app: string;
  args: readonly string[];
  /** It came to the application by `StasisBroadcast()`, which it goes on running. */
  claimed: boolean;
  readonly variables: Map<string, string>;
  bridgeId: string | undefined;
  ringTimer: Timer | undefined;
  phone: RungPhone | undefined;
  /** Told when the channel is gone. */
  onEnd: ((cause: number) => void) | undefined;
  /** Told when the dialplan has it back. */
  onDialplan: ((context: string, exten: string) => void) | undefined;
  /** Told when it is answered. */
  onAnswer: (() => void) | undefined;
}

/** A channel that has just come to be, with what is known of it. */
export function newChannel(
  known: Pick<VirtualChannel, 'id' | 'name' | 'caller' | 'state' | 'place'> & Partial<VirtualChannel>,
): VirtualChannel {
  return {
    endpoint: undefined,
    exten: '',
    app: '',
    args: [],
    claimed: false,
    variables: new Map(),
    bridgeId: undefined,
    ringTimer: undefined,
    phone: undefined,
    onEnd: undefined,
    onDialplan: undefined,
    onAnswer: undefined,
    ...known,
  };
}

export interface VirtualBridge {
  readonly id: string;
  readonly name: string;
  readonly app: string;
  readonly members: Set<string>;
}

/** As ARI shows it. Fields that nobody of ours reads are empty. */
export function channelModel(channel: VirtualChannel): Channel {
  const { id, name, state, caller, exten } = channel;
  return {
    id,
    name,
    state,
    caller,
    connected: { name: '', number: '' },
    accountcode: '',
    dialplan: { context: 'virtual', exten, priority: 1, ...runs(channel) },
    creationtime: '',
    language: 'en',
  };
}

/** What a channel runs; one that rings out says `AppDial2` until it is answered. */
function runs({ place, app, args, claimed }: VirtualChannel): { readonly app_name: string; readonly app_data: string } {
  if (place === 'dialling') return { app_name: 'AppDial2', app_data: '(Outgoing Line)' };
  if (place === 'stasis' && claimed) return { app_name: 'StasisBroadcast', app_data: ['800', '', ...args].join(',') };
  if (place === 'stasis') return { app_name: 'Stasis', app_data: [app, ...args].join(',') };
  return { app_name: 'Wait', app_data: '3600' };
}

export function bridgeModel({ id, name, members }: VirtualBridge): Bridge {
  return {
    id,
    technology: 'simple_bridge',
    bridge_type: 'mixing',
    bridge_class: 'stasis',
    creator: 'Stasis',
    name,
    channels: [...members],
  };
}
