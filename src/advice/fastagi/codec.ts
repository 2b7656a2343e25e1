import { StringDecoder } from 'node:string_decoder';
import { AppError } from '../../kernel/index.ts';
import { adviceErrors } from '../errors.ts';

/** What Asterisk says over FastAGI: first variables and one empty line, then a reply for each command. */
export type AgiMessage =
  | { readonly kind: 'variables'; readonly variables: ReadonlyMap<string, string> }
  | { readonly kind: 'reply'; readonly status: number; readonly result: string }
  /** The caller hung up while we were asked. */
  | { readonly kind: 'hangup' };

export interface AgiLimits {
  readonly lineCharsMax: number;
  readonly variablesMax: number;
  /** In one conversation. */
  readonly linesMax: number;
}

export const AGI_LIMITS: AgiLimits = { lineCharsMax: 4_096, variablesMax: 200, linesMax: 400 };

const variableName = /^agi_[a-z0-9_]{1,64}$/;
const reply = /^(\d{3})([ -])(.*)$/;

/** Reads one conversation from chunks cut anywhere. Throws `dialplan.agi_malformed` on what is not AGI or too much of it. */
export class AgiReader {
  private readonly limits: AgiLimits;
  private readonly decoder = new StringDecoder('utf8');
  private rest = '';
  private lines = 0;
  private variables: Map<string, string> | undefined = new Map();
  /** Within the usage that Asterisk adds to status 520. */
  private inUsage = false;

  constructor(limits: AgiLimits = AGI_LIMITS) {
    this.limits = limits;
  }

  push(chunk: Uint8Array): readonly AgiMessage[] {
    const pieces = (this.rest + this.decoder.write(chunk)).split('\n');
    this.rest = pieces.pop() ?? '';
    this.check(this.rest);
    const messages: AgiMessage[] = [];
    for (const piece of pieces) {
      const message = this.line(piece.endsWith('\r') ? piece.slice(0, -1) : piece);
      if (message) messages.push(message);
    }
    return messages;
  }

  private check(line: string): void {
    if (line.length > this.limits.lineCharsMax) throw malformed('line too long');
  }

  private line(line: string): AgiMessage | undefined {
    this.check(line);
    this.lines += 1;
    if (this.lines > this.limits.linesMax) throw malformed('too many lines');
    return this.variables ? this.variable(line, this.variables) : this.answer(line);
  }

  private variable(line: string, variables: Map<string, string>): AgiMessage | undefined {
    if (line === '') {
      this.variables = undefined;
      return { kind: 'variables', variables };
    }
    const colon = line.indexOf(': ');
    const name = colon < 0 ? line.replace(/:$/, '') : line.slice(0, colon);
    if (!variableName.test(name)) throw malformed('not a variable');
    // A line break smuggled into one variable must not set another.
    if (variables.has(name)) throw malformed('a variable twice');
    if (variables.size >= this.limits.variablesMax) throw malformed('too many variables');
    variables.set(name, colon < 0 ? '' : line.slice(colon + 2));
    return undefined;
  }

  private answer(line: string): AgiMessage | undefined {
    if (line === 'HANGUP') return { kind: 'hangup' };
    const [, status = '', mark, text = ''] = reply.exec(line) ?? [];
    if (this.inUsage) {
      if (status !== '520' || mark !== ' ') return undefined;
      this.inUsage = false;
      return { kind: 'reply', status: 520, result: '' };
    }
    if (status === '') throw malformed('not a reply');
    if (mark === '-') {
      this.inUsage = true;
      return undefined;
    }
    return { kind: 'reply', status: Number(status), result: /^result=(\S*)/.exec(text)?.[1] ?? '' };
  }
}

const malformed = (why: string): AppError => new AppError(adviceErrors.agi_malformed, why);

/** Asterisk cuts a command into words at spaces, so every value goes in quotes; longer lines are cut by it. */
const commandCharsMax = 2_000;

/** One `SET VARIABLE` with its line end. Throws on what could end the line or be cut. */
export function setVariable(name: string, value: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,79}$/.test(name) || /[\0\r\n]/.test(value)) throw malformed('not a variable to set');
  const line = `SET VARIABLE ${name} "${value.replace(/["\\]/g, '\\$&')}"\n`;
  if (line.length > commandCharsMax) throw malformed('a value too long to set');
  return line;
}
