import type { AriBody, AriParams, OperationName } from '../../src/ari/ports.ts';
import type { VirtualChannel } from './channel.ts';
import type { VirtualAsterisk } from './virtual-asterisk.ts';

export type Reply<Body> =
  | { readonly ok: true; readonly status: number; readonly body: Body }
  | { readonly ok: false; readonly status: number };

export type Handlers = {
  readonly [Name in OperationName]?: (pbx: VirtualAsterisk, params: AriParams<Name>) => Reply<AriBody<Name>>;
};

export const no = (status: number): { readonly ok: false; readonly status: number } => ({ ok: false, status });
export const done = { ok: true, status: 204, body: undefined } as const;
export const found = <Body>(body: Body): Reply<Body> => ({ ok: true, status: 200, body });

/** Does something with a channel that is in an application; 404 when there is none, 409 when the dialplan has it. */
export function inStasis(
  pbx: VirtualAsterisk,
  channelId: string,
  run: (channel: VirtualChannel) => void = () => {},
): Reply<undefined> {
  const channel = pbx.channels.get(channelId);
  if (!channel) return no(404);
  if (channel.place !== 'stasis') return no(409);
  run(channel);
  return done;
}
