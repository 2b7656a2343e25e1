export const subjectCharsMax = 200;
export const textCharsMax = 8_000;

/** Direction marks and the like could make a screen show what is not there. */
const invisible = /[\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** A value for the middle of a line: what a caller or an agent wrote must not begin a line or a field of its own. */
export function inLine(value: string): string {
  return value
    .replace(invisible, '')
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .slice(0, 500)
    .toWellFormed();
}

/** A subject: one line, not empty, cut to what desks take. */
export function asSubject(text: string): string {
  return cut(inLine(text).trim(), subjectCharsMax) || '-';
}

/** A text of several lines, cut to length. */
export function asText(text: string): string {
  const clean = text
    .replace(invisible, '')
    .replace(/\r\n?/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, ' ');
  return cut(clean.toWellFormed(), textCharsMax);
}

const cut = (text: string, max: number): string =>
  text.length <= max ? text : `${text.slice(0, max - 1).toWellFormed()}…`;
