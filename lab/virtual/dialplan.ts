import { newChannel, type VirtualChannel } from '../../sim/pbx/channel.ts';
import type { VirtualAsterisk } from '../../sim/pbx/virtual-asterisk.ts';
import { type SnippetWay, snippetSecrets, snippetWays } from '../asterisk/snippets.ts';
import { soundLengthMs } from '../asterisk/sounds.ts';
import { askByAgi } from './agi.ts';
import type { AskedServer } from './asked-server.ts';

const application = 'ringmaster';
const causes = { normal: 16, declined: 21, congestion: 34, unassigned: 1 } as const;
const wayOf = (digit: string | undefined): SnippetWay | undefined =>
  (Object.keys(snippetWays) as SnippetWay[]).find((way) => snippetWays[way] === digit);

/**
 * The lab's dialplan for the model, in code: the 400 numbers (`lab/asterisk/dialplan.ts`), and behind the digit 8 what
 * `ringmaster dialplan install` writes, with a fallback that refuses.
 */
export class VirtualDialplan {
  private readonly pbx: VirtualAsterisk;
  private server: AskedServer | undefined;
  /** Where a channel goes when nobody takes it. */
  private readonly fallbacks = new WeakMap<VirtualChannel, () => void>();

  constructor(pbx: VirtualAsterisk) {
    this.pbx = pbx;
  }

  asks(server: AskedServer): void {
    this.server = server;
  }

  enter(channel: VirtualChannel, number: string): void {
    this.fallbacks.set(channel, () => this.announce(channel));
    if (/^400(\d|\d{7})$/.test(number)) return this.pbx.runStasis(channel, application, []);
    const [, digit, rest = ''] = /^8(\d)(\d+)$/.exec(number) ?? [];
    const way = wayOf(digit);
    if (way === undefined) return this.pbx.hangUp(channel.id, causes.unassigned);
    this.fallbacks.set(channel, () => this.pbx.hangUp(channel.id, causes.congestion));
    channel.exten = rest;
    void this.take(channel, way);
  }

  /** The application gave it back, or there was none. */
  goesOn(channelId: string, context: string): void {
    const channel = this.pbx.channels.get(channelId);
    if (!channel) return;
    if (context === 'failed' || context === 'ringmaster-fallback') this.fallbacks.get(channel)?.();
    else this.pbx.hangUp(channelId, causes.unassigned);
  }

  private async take(channel: VirtualChannel, way: SnippetWay): Promise<void> {
    const { pbx, server } = this;
    if (way === 'entry' || !server) return pbx.runStasis(channel, application, [channel.exten, 'bounded']);
    if (way === 'broadcast') return pbx.broadcast(channel, server.boundMs, [channel.exten]);
    const line = await (way === 'curl' ? askByHttp(server, channel) : askByAgi(server, channel)).catch(() => '');
    if (pbx.channels.get(channel.id) === channel) this.advised(channel, line.split('|'));
  }

  private advised(
    channel: VirtualChannel,
    [format, action, endpoint = '', , , seconds, ...rest]: readonly string[],
  ): void {
    if (format !== 'RM1' || rest.length !== 3) return this.goesOn(channel.id, 'failed');
    if (action === 'queue' || action === 'closed')
      return this.pbx.runStasis(channel, application, [channel.exten, 'bounded']);
    if (action === 'blacklist') return this.pbx.hangUp(channel.id, causes.declined);
    if (action !== 'agent') return this.goesOn(channel.id, 'failed');
    this.dial(channel, endpoint, Number(seconds) * 1_000);
  }

  /** `Dial()`: whoever hangs up first ends the other's call; a phone that is not answered sends the caller to the queue. */
  private dial(channel: VirtualChannel, endpoint: string, ringMs: number): void {
    const { pbx } = this;
    const enqueue = (): void => pbx.runStasis(channel, application, [channel.exten, 'bounded']);
    const phone = newChannel({
      id: `dialled-${channel.id}`,
      name: endpoint,
      endpoint,
      caller: channel.caller,
      state: 'Down',
      place: 'dialling',
      onAnswer: () => pbx.answer(channel),
      onEnd: () => {
        if (pbx.channels.get(channel.id) !== channel) return;
        if (channel.state === 'Up') pbx.hangUp(channel.id);
        else enqueue();
      },
    });
    const { onEnd } = channel;
    channel.onEnd = (cause) => {
      onEnd?.(cause);
      pbx.hangUp(phone.id);
    };
    if (!pbx.dial(phone, ringMs)) enqueue();
  }

  /** `Answer()`, `Playback(fallback)`, `Hangup()`. */
  private announce(channel: VirtualChannel): void {
    this.pbx.answer(channel);
    this.pbx.clock.after(soundLengthMs('fallback') ?? 0, () => this.pbx.hangUp(channel.id, causes.normal));
  }
}

async function askByHttp({ url, boundMs }: AskedServer, { id, exten, caller }: VirtualChannel): Promise<string> {
  const query = new URLSearchParams({ entry: exten, number: caller.number, uniqueid: id });
  const response = await fetch(`${url}/v1/dialplan/route?${query.toString()}`, {
    headers: { authorization: `Bearer rmk_pbx_${snippetSecrets.key}` },
    signal: AbortSignal.timeout(boundMs),
  });
  return response.ok ? response.text() : '';
}
