import { WebSocket } from 'ws';

/** What the readers of one log have agreed on: the id at each sequence. */
export class SeenLog {
  private readonly ids: string[] = [];

  /** False when somebody saw another event at this place. */
  agrees(sequence: number, id: string): boolean {
    this.ids[sequence] ??= id;
    return this.ids[sequence] === id;
  }

  /** Places whose id was seen at another place too. */
  repeatedIds(): number {
    const ids = Object.values(this.ids);
    return ids.length - new Set(ids).size;
  }
}

export interface ReaderCounts {
  reconnects: number;
  /** Events taken from each server. */
  readonly from: number[];
  lost: number;
  twice: number;
  /** Events that others saw differently. */
  different: number;
  /** Times that the place could not be resumed. */
  unrecovered: number;
}

/** A reader of all events that keeps coming back at another server, where it was. */
export class WanderingReader {
  /** The newest event, or where it began; undefined before. */
  last: number | undefined;
  readonly counts: ReaderCounts;
  private readonly urls: readonly string[];
  private readonly key: string;
  private readonly seen: SeenLog;
  private epoch = '';
  private at: number;
  private socket: WebSocket | undefined;

  /** `urls` of the servers, `first` the one to begin at. */
  constructor(urls: readonly string[], key: string, seen: SeenLog, first: number) {
    this.urls = urls;
    this.key = key;
    this.seen = seen;
    this.at = first % urls.length;
    this.counts = { reconnects: 0, from: urls.map(() => 0), lost: 0, twice: 0, different: 0, unrecovered: 0 };
  }

  /** Resolves when it is subscribed. */
  async connect(): Promise<void> {
    const url = `${(this.urls[this.at] ?? '').replace(/^http/, 'ws')}/v1/events`;
    const headers = { authorization: `Bearer ${this.key}` };
    const socket = new WebSocket(url, ['cti.v1'], { headers, perMessageDeflate: false });
    this.socket = socket;
    await new Promise<void>((resolve, reject) => {
      socket.on('message', (data: Buffer) => {
        if (this.socket === socket && this.receive(data.toString())) resolve();
      });
      socket.on('error', reject);
      socket.on('close', (code) => reject(new Error(`closed with ${code}`)));
    });
  }

  /** Leaves, abruptly or politely, and comes back at the next server; tries again when it is refused. */
  async moveOn(abruptly: boolean): Promise<void> {
    this.leave(abruptly);
    this.at = (this.at + 1) % this.urls.length;
    this.counts.reconnects += 1;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.connect();
      } catch (error) {
        if (tries === 20) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  leave(abruptly = true): void {
    const { socket } = this;
    this.socket = undefined;
    if (abruptly) socket?.terminate();
    else socket?.close();
  }

  /** Reads no JSON of events: fifty readers in one process would measure their parser. True when it is subscribed. */
  private receive(text: string): boolean {
    const sequence = /"sequence":"(\d{16})"/.exec(text)?.[1];
    if (text.startsWith('{"type":"event"') && sequence !== undefined) {
      this.take(Number(sequence), /"event":\{"specversion":"1.0","id":"([^"]+)"/.exec(text)?.[1] ?? '');
      return false;
    }
    const frame = JSON.parse(text) as { type: string; epoch?: string; sequence?: number; recovered?: boolean };
    if (frame.type === 'hello') {
      this.epoch ||= frame.epoch ?? '';
      const resume = this.last === undefined ? {} : { resume: { epoch: this.epoch, sequence: this.last } };
      this.socket?.send(JSON.stringify({ type: 'subscribe', id: 's', ...resume }));
    }
    if (frame.type !== 'subscribed') return false;
    if (frame.recovered === false) this.unrecovered(frame.sequence ?? 0);
    this.last ??= frame.sequence ?? 0;
    return true;
  }

  private unrecovered(sequence: number): void {
    this.counts.unrecovered += 1;
    this.counts.lost += sequence - (this.last ?? sequence);
    this.last = sequence;
  }

  private take(sequence: number, id: string): void {
    const { counts } = this;
    counts.from[this.at] = (counts.from[this.at] ?? 0) + 1;
    const expected = (this.last ?? 0) + 1;
    if (sequence < expected) counts.twice += 1;
    else counts.lost += sequence - expected;
    if (!this.seen.agrees(sequence, id)) counts.different += 1;
    this.last = Math.max(sequence, expected - 1);
  }
}
