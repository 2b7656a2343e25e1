import { AppError, type ErrorSpec } from '../kernel/index.ts';
import { amiErrors } from './errors.ts';
import { WireMessage } from './message.ts';
import type { AmiFields } from './ports.ts';

const CR = 13;
const LF = 10;
const COLON = 58;
const greetingBytesMax = 1_024;
const blankLine = Buffer.from('\r\n\r\n');

/** What Asterisk reads at most: manager.c takes lines of 1,025 bytes with their end, and 128 headers. */
const sentLineBytesMax = 1_024;
const sentHeadersMax = 128;

export interface DecoderLimits {
  readonly lineBytesMax: number;
  readonly messageLinesMax: number;
  readonly messageBytesMax: number;
}

/** Where the decoder tells what it found, in the order of the wire. */
export interface DecoderSink {
  /** The first line; `version` is undefined when it is not Asterisk's. */
  greeting(version: string | undefined): void;
  message(message: WireMessage): void;
  /** A line or a whole message was skipped; never the bytes, they may hold personal data. */
  refused(what: 'line' | 'message', error: ErrorSpec): void;
}

/**
 * Bytes to messages, for one connection. Takes chunks cut anywhere, holds at most one unfinished message, never throws
 * on what the peer sends: what breaks a limit is told to `refused` and skipped up to the next blank line. Only CRLF ends
 * a line, so that a bare LF in a value cannot forge a header.
 */
export class AmiDecoder {
  private readonly sink: DecoderSink;
  private readonly limits: DecoderLimits;
  private mode: 'greeting' | 'message' | 'skipping' = 'greeting';
  private held: Buffer = Buffer.alloc(0);
  private heldBytes = 0;
  /** Scan state of the unfinished message, as offsets from its first byte. */
  private scanned = 0;
  private lineStart = 0;
  private lines = 0;
  private colonAt = -1;
  private highBits = 0;

  constructor(sink: DecoderSink, limits: DecoderLimits) {
    this.sink = sink;
    this.limits = limits;
  }

  push(chunk: Buffer): void {
    const joined = this.heldBytes > 0;
    if (joined) this.append(chunk);
    const bytes = joined ? this.held : chunk;
    const end = joined ? this.heldBytes : chunk.length;
    this.hold(bytes, this.consume(bytes, end), end);
  }

  /** Returns where the bytes begin that have to wait for the next chunk. */
  private consume(bytes: Buffer, end: number): number {
    let at = 0;
    if (this.mode === 'greeting') at = this.readGreeting(bytes, end);
    if (this.mode === 'greeting') return at;
    for (;;) {
      if (this.mode === 'skipping') at = this.skip(bytes, at, end);
      if (this.mode === 'skipping') return at;
      at = this.scan(bytes, at, end);
      if (this.mode === 'message') return at;
    }
  }

  private readGreeting(bytes: Buffer, end: number): number {
    const lineEnd = bytes.subarray(0, end).indexOf('\r\n');
    if (lineEnd < 0 && end <= greetingBytesMax) return 0;
    this.mode = lineEnd < 0 ? 'skipping' : 'message';
    const line = lineEnd < 0 ? '' : bytes.toString('latin1', 0, lineEnd);
    this.sink.greeting(/^Asterisk Call Manager\/(\S{1,32})$/.exec(line)?.[1]);
    return lineEnd < 0 ? 0 : lineEnd + 2;
  }

  /** Looks for the blank line that ends a refused message; keeps the few bytes that may be its beginning. */
  private skip(bytes: Buffer, from: number, end: number): number {
    const found = bytes.subarray(0, end).indexOf(blankLine, from);
    if (found < 0) return Math.max(from, end - blankLine.length + 1);
    this.mode = 'message';
    return found + blankLine.length;
  }

  /**
   * Reads whole messages from `from` on. Returns where the unfinished one begins, or, having refused one and set the mode
   * to skipping, where to look for its end. One plain loop over the bytes: it is the hot path of the link.
   */
  private scan(bytes: Buffer, from: number, end: number): number {
    let start = from;
    let lineStart = start + this.lineStart;
    let { colonAt, highBits, lines } = this;
    if (colonAt >= 0) colonAt += start;
    for (let at = start + this.scanned; at < end; at += 1) {
      const byte = bytes[at] as number;
      highBits |= byte;
      if (byte === COLON) {
        if (colonAt < lineStart) colonAt = at;
        continue;
      }
      if (byte !== LF || at <= lineStart || bytes[at - 1] !== CR) continue;
      const lineBytes = at - 1 - lineStart;
      if (lineBytes === 0) {
        if (lines > 0) this.deliver(bytes, start, lineStart, highBits > 127);
        start = at + 1;
        lines = 0;
        highBits = 0;
      } else {
        lines += 1;
        const refusal = this.refusal(lineBytes, lines, at + 1 - start);
        if (refusal) return this.refuse(refusal, at - 1);
        if (colonAt <= lineStart) this.sink.refused('line', amiErrors.line_without_name);
      }
      lineStart = at + 1;
    }
    // The unfinished line may already hold the CR of its end, the unfinished message that of its blank line.
    const refusal = this.refusal(end - lineStart - 1, lines, end - start - 2);
    if (refusal) return this.refuse(refusal, Math.max(start, end - blankLine.length + 1));
    this.scanned = end - start;
    this.lineStart = lineStart - start;
    this.colonAt = colonAt < start ? -1 : colonAt - start;
    this.lines = lines;
    this.highBits = highBits;
    return start;
  }

  private refusal(lineBytes: number, lines: number, messageBytes: number): ErrorSpec | undefined {
    if (lineBytes > this.limits.lineBytesMax) return amiErrors.line_too_long;
    if (lines > this.limits.messageLinesMax) return amiErrors.too_many_headers;
    if (messageBytes > this.limits.messageBytesMax) return amiErrors.message_too_long;
    return undefined;
  }

  private refuse(error: ErrorSpec, skipFrom: number): number {
    this.mode = 'skipping';
    this.scanned = 0;
    this.lineStart = 0;
    this.lines = 0;
    this.colonAt = -1;
    this.highBits = 0;
    this.sink.refused('message', error);
    return skipFrom;
  }

  /** Each message gets its own small string: a slice of the whole chunk would keep 64 KB alive for one caller's number. */
  private deliver(bytes: Buffer, start: number, end: number, hasUtf8: boolean): void {
    const message = WireMessage.parse(bytes.toString(hasUtf8 ? 'utf8' : 'latin1', start, end));
    if (message) this.sink.message(message);
    else this.sink.refused('message', amiErrors.message_unknown);
  }

  private append(chunk: Buffer): void {
    const bytes = this.heldBytes + chunk.length;
    if (bytes > this.held.length) {
      const larger = Buffer.allocUnsafe(Math.max(bytes, this.held.length * 2));
      this.held.copy(larger, 0, 0, this.heldBytes);
      this.held = larger;
    }
    chunk.copy(this.held, this.heldBytes);
    this.heldBytes = bytes;
  }

  /** Keeps what is unfinished: at most one message within the limits, and the buffer shrinks back when all is read. */
  private hold(bytes: Buffer, from: number, end: number): void {
    this.heldBytes = end - from;
    if (bytes === this.held) {
      if (from > 0) this.held.copyWithin(0, from, end);
      return;
    }
    if (this.heldBytes === 0) return;
    if (this.held.length < this.heldBytes) this.held = Buffer.allocUnsafe(this.heldBytes);
    bytes.copy(this.held, 0, from, end);
  }
}

/**
 * One action as text to send. Throws `ami.field_refused` for anything that could end a line or that Asterisk would cut:
 * CR, LF or NUL in a key or value, a key that is no header name, a line over 1,024 bytes, more than 128 headers.
 */
export function encodeAction(name: string, actionId: string, fields: AmiFields = {}): string {
  const lines = [line('Action', name), line('ActionID', actionId)];
  for (const [key, value] of Object.entries(fields)) {
    if (/^action(id)?$/i.test(key)) throw new AppError(amiErrors.field_refused, 'the key is set by the link itself');
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value]) lines.push(line(key, String(one)));
  }
  if (lines.length > sentHeadersMax) throw new AppError(amiErrors.field_refused, 'too many fields');
  return `${lines.join('\r\n')}\r\n\r\n`;
}

function line(key: string, value: string): string {
  if (!/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(key)) throw new AppError(amiErrors.field_refused, 'not a header name');
  if (/[\r\n\0]/.test(value)) throw new AppError(amiErrors.field_refused, 'line break or NUL in a value');
  const text = `${key}: ${value}`;
  if (Buffer.byteLength(text) + 2 > sentLineBytesMax) throw new AppError(amiErrors.field_refused, 'too long');
  return text;
}
