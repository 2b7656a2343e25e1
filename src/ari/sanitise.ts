/** Control characters, and what is invisible or turns the direction of text: no caller's name needs them. */
const UNWANTED = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/** Text from outside without what could confuse a log, a screen or a protocol, cut to a length. */
export function cleanText(text: string, charsMax: number): string {
  return text.slice(0, charsMax).toWellFormed().replace(UNWANTED, '');
}

/** Arguments of `Stasis()`, as many and as long as anybody uses. */
export const cleanArgs = (args: readonly string[]): string[] => args.slice(0, 16).map((arg) => cleanText(arg, 512));

/** A number as phones may show it: digits, `*`, `#`, and `+` in front. */
export function cleanNumber(text: string): string {
  const digits = text.slice(0, 64).replace(/[^0-9*#+]/g, '');
  return digits.slice(0, 1) + digits.slice(1).replaceAll('+', '');
}

/** A name for a phone's display: no quotes, angle brackets or separators that end a SIP header or a dialplan argument. */
export function cleanCallerName(text: string): string {
  return cleanText(text, 80)
    .replace(/["<>\\;,$`{}]/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

const ENDPOINT = /^(?:PJSIP|SIP|IAX2|DAHDI)\/[A-Za-z0-9_.+*#-]+(?:@[A-Za-z0-9_.-]+)?$/;
const LOCAL_ENDPOINT = /^Local\/[A-Za-z0-9_.+*#-]+@[A-Za-z0-9_.-]+(?:\/[njb]+)?$/;

/** Whether a dial string has an allowed shape: `PJSIP/1001`, `PJSIP/13800000000@trunk`, `Local/1001@agents/n`. */
export const isEndpoint = (text: string): boolean =>
  text.length <= 128 && (ENDPOINT.test(text) || LOCAL_ENDPOINT.test(text));

/** A file format of Asterisk. */
export const isFormat = (text: string): boolean => /^[a-z0-9]{1,16}$/.test(text);

/** Keypad tones, as many as one request may ask for. */
export const isKeys = (text: string): boolean => /^[0-9*#A-Da-d]{1,32}$/.test(text);

/** A context, extension, music class or the like of the dialplan. */
export const isDialplanName = (text: string): boolean => /^[A-Za-z0-9_.+*#-]{1,80}$/.test(text);

/** What may be played: `sound:…`, `recording:…`, `number:…`, `digits:…`, `characters:…`, `tone:…`. */
export const isMedia = (text: string): boolean =>
  /^(?:sound|recording|number|digits|characters|tone):[A-Za-z0-9_./:;=*#+&-]{1,200}$/.test(text) &&
  !text.includes('..');

export const isVariableName = (text: string): boolean => /^[A-Za-z_][A-Za-z0-9_]{0,79}$/.test(text);

/** Values of variables may hold any text that stays on one line. */
export const isVariableValue = (text: string): boolean =>
  text.length <= 4096 && text.isWellFormed() && !/[\0\r\n]/.test(text);

/** A SIP header that we may add to an INVITE. */
export const isHeaderName = (text: string): boolean => /^[A-Za-z][A-Za-z0-9-]{0,39}$/.test(text);

export const isHeaderValue = (text: string): boolean => /^[\x20-\x7e]{1,200}$/.test(text);

/** Ids of legs, bridges and playbacks, ours and the PBX's (`1700000000.12`, `x;2`). */
export const isId = (text: string): boolean => /^[A-Za-z0-9_.:;@+-]{1,150}$/.test(text) && !/^\.+$/.test(text);
