import type { AmiMessage } from './ports.ts';

const COLON = 58;
const SPACE = 32;

/**
 * A received message over its own text. Headers are found when asked for: most events are looked at by name only,
 * so reading each header of each event would be most of the link's cost. Nothing is keyed by a name from the wire.
 * Source: `Name: value` lines ended by CRLF; Asterisk manager interface 2.x to 11.x.
 */
export class WireMessage implements AmiMessage {
  readonly kind: 'event' | 'response';
  readonly name: string;
  private readonly text: string;

  private constructor(kind: 'event' | 'response', name: string, text: string) {
    this.kind = kind;
    this.name = name;
    this.text = text;
  }

  /** `text` is the header lines, each with its CRLF. Undefined when it is neither event nor response. */
  static parse(text: string): WireMessage | undefined {
    if (hasName(text, 0, 'Event')) return new WireMessage('event', valueAt(text, 6), text);
    if (hasName(text, 0, 'Response')) return new WireMessage('response', valueAt(text, 9), text);
    return undefined;
  }

  get(header: string): string | undefined {
    const at = findHeader(this.text, header, 0);
    return at < 0 ? undefined : valueAt(this.text, at + header.length + 1);
  }

  getAll(header: string): readonly string[] {
    const values: string[] = [];
    let at = findHeader(this.text, header, 0);
    while (at >= 0) {
      values.push(valueAt(this.text, at + header.length + 1));
      at = findHeader(this.text, header, nextLine(this.text, at));
    }
    return values;
  }

  entries(): readonly (readonly [string, string])[] {
    const { text } = this;
    const entries: [string, string][] = [];
    for (let at = 0; at < text.length; ) {
      const end = lineEnd(text, at);
      const colon = text.indexOf(':', at);
      if (colon > at && colon < end)
        entries.push([text.slice(at, colon), text.slice(valueStart(text, colon + 1), end)]);
      at = end + 2;
    }
    return entries;
  }
}

function findHeader(text: string, header: string, from: number): number {
  for (let at = from; at < text.length; at = nextLine(text, at)) {
    if (hasName(text, at, header)) return at;
  }
  return -1;
}

const nextLine = (text: string, at: number): number => lineEnd(text, at) + 2;

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\r\n', at);
  return end < 0 ? text.length : end;
}

function hasName(text: string, at: number, name: string): boolean {
  if (text.charCodeAt(at + name.length) !== COLON) return false;
  for (let index = 0; index < name.length; index += 1) {
    const have = text.charCodeAt(at + index);
    const want = name.charCodeAt(index);
    if (have !== want && lower(have) !== lower(want)) return false;
  }
  return true;
}

const lower = (code: number): number => (code >= 65 && code <= 90 ? code + 32 : code);

/** One space after the colon is the separator, further ones belong to the value. */
const valueStart = (text: string, afterColon: number): number =>
  text.charCodeAt(afterColon) === SPACE ? afterColon + 1 : afterColon;

const valueAt = (text: string, afterColon: number): string =>
  text.slice(valueStart(text, afterColon), lineEnd(text, afterColon));
