import { AppError, type ErrorSpec } from '../kernel/index.ts';
import { amiErrors } from './errors.ts';
import { WireMessage } from './message.ts';
import type { AmiFields } from './ports.ts';

const CR = 13;
const LF = 10;
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
  /** A whole message was skipped; never its bytes, they may hold personal data. */
  refused(error: ErrorSpec): void;
}

/**
 * Bytes to messages, for one connection. Takes chunks cut anywhere, holds at most one unfinished message, never throws
 * on what the peer sends: what breaks a limit is told to `refused` and skipped up to the next blank line. Only CRLF ends
 * a line, so that a bare LF in a value cannot forge a header; a line without a name is no header and never seen.
 *
 * It looks for blank lines with the native search and leaves lines alone until somebody asks for a header: a loop over
 * the bytes in JavaScript took three times as long.
 */
export class AmiDecoder {
  private readonly sink: DecoderSink;
  private readonly limits: DecoderLimits;
  /** A message up to this size cannot break the limits on lines: the shortest line is `:` and its CRLF. */
  private readonly harmlessBytes: number;
  private mode: 'greeting' | 'message' | 'skipping' = 'greeting';
  private held: Buffer = Buffer.alloc(0);
  private heldBytes = 0;
  /** Bytes of what is held that were searched for a blank line already. */
  private searched = 0;

  constructor(sink: DecoderSink, limits: DecoderLimits) {
    this.sink = sink;
    this.limits = limits;
    this.harmlessBytes = Math.min(limits.lineBytesMax, limits.messageLinesMax * 3, limits.messageBytesMax);
  }

  push(chunk: Buffer): void {
    const joined = this.heldBytes > 0;
    if (joined) this.append(chunk);
    const bytes = joined ? this.held.subarray(0, this.heldBytes) : chunk;
    const from = this.mode === 'greeting' ? this.readGreeting(bytes) : 0;
    const rest = this.mode === 'greeting' ? from : this.readMessages(bytes, from);
    this.hold(bytes, rest, joined);
  }

  /** Returns where the bytes begin that have to wait for the next chunk; so does `readMessages`. */
  private readGreeting(bytes: Buffer): number {
    const lineEnd = bytes.indexOf('\r\n');
    if (lineEnd < 0 && bytes.length <= greetingBytesMax) return 0;
    this.mode = lineEnd < 0 ? 'skipping' : 'message';
    const line = lineEnd < 0 ? '' : bytes.toString('latin1', 0, lineEnd);
    this.sink.greeting(/^Asterisk Call Manager\/(\S{1,32})$/.exec(line)?.[1]);
    return lineEnd < 0 ? 0 : lineEnd + 2;
  }

  private readMessages(bytes: Buffer, from: number): number {
    let start = from;
    let searchFrom = from + Math.max(0, this.searched - blankLine.length + 1);
    this.searched = 0;
    for (;;) {
      // Some actions end their answer with one blank line too many (PJSIPShowContacts).
      if (this.mode === 'message') start = skipLineEnds(bytes, start);
      const end = bytes.indexOf(blankLine, Math.max(start, searchFrom));
      if (end < 0) return this.unfinished(bytes, start);
      if (this.mode === 'message') this.deliver(bytes, start, end + 2);
      this.mode = 'message';
      start = end + blankLine.length;
      searchFrom = start;
    }
  }

  private unfinished(bytes: Buffer, start: number): number {
    const tailStart = Math.max(start, bytes.length - blankLine.length + 1);
    if (this.mode === 'message' && tailStart - start > this.limits.messageBytesMax) {
      this.mode = 'skipping';
      this.sink.refused(amiErrors.message_too_long);
    }
    if (this.mode === 'skipping') return tailStart;
    this.searched = bytes.length - start;
    return start;
  }

  /** Each message gets its own small string: a slice of the whole chunk would keep 64 KB alive for one caller's number. */
  private deliver(bytes: Buffer, start: number, end: number): void {
    const size = end - start;
    const broken = size > this.harmlessBytes ? brokenLimit(bytes.subarray(start, end), this.limits) : undefined;
    if (broken) return this.sink.refused(broken);
    const message = WireMessage.parse(bytes.toString('utf8', start, end));
    if (message) this.sink.message(message);
    else this.sink.refused(amiErrors.message_unknown);
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

  /** Keeps what is unfinished: at most one message within the limits and a chunk. */
  private hold(bytes: Buffer, from: number, joined: boolean): void {
    this.heldBytes = bytes.length - from;
    if (joined) {
      if (from > 0) this.held.copyWithin(0, from, bytes.length);
      return;
    }
    if (this.held.length < this.heldBytes) this.held = Buffer.allocUnsafe(this.heldBytes);
    bytes.copy(this.held, 0, from);
  }
}

function skipLineEnds(bytes: Buffer, from: number): number {
  let at = from;
  while (bytes[at] === CR && bytes[at + 1] === LF) at += 2;
  return at;
}

function brokenLimit(message: Buffer, limits: DecoderLimits): ErrorSpec | undefined {
  if (message.length > limits.messageBytesMax) return amiErrors.message_too_long;
  let lines = 0;
  for (let at = 0; at < message.length; lines += 1) {
    const end = message.indexOf('\r\n', at);
    if (end - at > limits.lineBytesMax) return amiErrors.line_too_long;
    at = end + 2;
  }
  return lines > limits.messageLinesMax ? amiErrors.too_many_headers : undefined;
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
