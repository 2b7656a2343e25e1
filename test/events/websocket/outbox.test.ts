import { Duplex } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { Outbox } from '../../../src/events/websocket/outbox.ts';

/** A socket that takes one write and then nothing until `relieve` is called. */
class StuckSocket extends Duplex {
  readonly taken: string[] = [];
  private done: (() => void) | undefined;

  constructor() {
    super({ writableHighWaterMark: 1 });
  }

  override _read(): void {}

  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.taken.push(chunk.toString());
    this.done = done;
  }

  async relieve(): Promise<void> {
    while (this.done) {
      const { done } = this;
      this.done = undefined;
      done();
      await new Promise(setImmediate);
    }
  }
}

function stuck(limits = { messagesMax: 4, bytesMax: 100 }) {
  const socket = new StuckSocket();
  let idle = 0;
  const outbox = new Outbox(socket, limits, () => {
    idle += 1;
  });
  const send = (text: string, key?: string) => outbox.send(Buffer.from(text), key);
  return { socket, outbox, send, idleTimes: () => idle };
}

describe('Outbox', () => {
  it('keeps order over a wait and tells when all is handed over', async () => {
    const { socket, outbox, send, idleTimes } = stuck();
    for (const text of ['1', '2', '3', '4']) expect(send(text)).toBe(true);
    expect(outbox.idle).toBe(false);
    expect(socket.taken).toEqual(['1']);
    await socket.relieve();
    expect(socket.taken).toEqual(['1', '2', '3', '4']);
    expect(outbox.idle).toBe(true);
    expect(idleTimes()).toBeGreaterThan(0);
  });

  it('refuses beyond the number of messages', () => {
    const { send } = stuck();
    const answers = ['1', '2', '3', '4', '5', '6'].map((text) => send(text));
    expect(answers).toEqual([true, true, true, true, true, false]);
  });

  it('refuses beyond the number of bytes', () => {
    const { send } = stuck({ messagesMax: 100, bytesMax: 10 });
    expect(['first', '12345678', '12', '3'].map((text) => send(text))).toEqual([true, true, true, false]);
  });

  it('of a coalescing key keeps only the newest, at the end; the rest stays whole', async () => {
    const { socket, outbox, send } = stuck();
    send('0');
    send('ann1', 'ann');
    send('call1');
    send('ann2', 'ann');
    send('bob1', 'bob');
    send('ann3', 'ann');
    expect(outbox.coalesced).toBe(2);
    await socket.relieve();
    expect(socket.taken).toEqual(['0', 'call1', 'bob1', 'ann3']);
    send('ann4', 'ann');
    await socket.relieve();
    expect(socket.taken.at(-1)).toBe('ann4');
  });

  it('joins for ever without growing', async () => {
    const { socket, outbox, send } = stuck();
    send('0');
    send('call', undefined);
    for (let n = 0; n < 10_000; n += 1) expect(send(`ann${n}`, 'ann')).toBe(true);
    expect(outbox.coalesced).toBe(9999);
    expect(Reflect.get(outbox, 'queue')).toHaveProperty(
      'length',
      expect.toSatisfy((length: number) => length < 50),
    );
    await socket.relieve();
    expect(socket.taken).toEqual(['0', 'call', 'ann9999']);
  });

  it('forgets what waits', async () => {
    const { socket, outbox, send } = stuck();
    send('0');
    send('1');
    outbox.clear();
    await socket.relieve();
    expect(socket.taken).toEqual(['0']);
  });
});
