import { createHash } from 'node:crypto';
import { AppError } from '../kernel/index.ts';
import { installErrors } from './errors.ts';

/**
 * Our lines in a file that is somebody else's. The text is bytes, one a character (latin1), because sites keep comments
 * in encodings of their own. The first marker remembers what `without` must know to give the file back byte for byte:
 * whether we ended its last line, and whether there was a file at all.
 */
interface Found {
  /** From the first character of the first marker to the one after the line end of the last. */
  readonly start: number;
  readonly end: number;
  readonly body: string;
  /** The line end of our lines. */
  readonly eol: '\n' | '\r\n';
  /** The body is not what we wrote. */
  readonly edited: boolean;
  readonly addedNewline: boolean;
  readonly madeFile: boolean;
}

const looksLikeMarker = /^[ \t]*;[ \t]*(?:>>>|<<<)[ \t]*ringmaster\b.*$/gim;
const first = /^; >>> ringmaster ([0-9a-f]{16})( newline)?( file)?$/;
const last = '; <<< ringmaster';

/** The block, undefined when there is none. Throws `install.markers_damaged` when the markers are not one good pair. */
export function findBlock(text: string, file: string): Found | undefined {
  const markers = [...text.matchAll(looksLikeMarker)].map((match) => ({
    at: match.index,
    line: match[0],
    crlf: text[match.index + match[0].length] === '\r',
    length: match[0].length,
  }));
  if (markers.length === 0) return undefined;
  const [opening, closing, ...more] = markers;
  const parts = opening && first.exec(opening.line);
  if (!opening || !closing || !parts || closing.line !== last || more.length > 0) {
    throw new AppError(installErrors.markers_damaged, file);
  }
  const bodyStart = lineEnd(text, opening.at + opening.length);
  const body = text.slice(bodyStart, closing.at);
  const [, hash, addedNewline, madeFile] = parts;
  return {
    start: opening.at,
    end: lineEnd(text, closing.at + closing.length),
    body,
    eol: opening.crlf ? '\r\n' : '\n',
    edited: hashOf(body) !== hash,
    addedNewline: addedNewline !== undefined,
    madeFile: madeFile !== undefined,
  };
}

/** The text with our block: in the place of the one that is there, or at the end. `undefined` is a file that is missing. */
export function withBlock(text: string | undefined, utf8Body: string, file: string): string {
  const body = Buffer.from(utf8Body, 'utf8').toString('latin1');
  const found = text === undefined ? undefined : findBlock(text, file);
  const eol = found?.eol ?? ((text ?? '').includes('\r\n') ? '\r\n' : '\n');
  const lines = (addedNewline: boolean, madeFile: boolean): string =>
    `; >>> ringmaster ${hashOf(body)}${addedNewline ? ' newline' : ''}${madeFile ? ' file' : ''}\n${body}${last}\n`.replaceAll(
      '\n',
      eol,
    );
  if (text === undefined) return lines(false, true);
  if (found) return text.slice(0, found.start) + lines(found.addedNewline, found.madeFile) + text.slice(found.end);
  const addsNewline = text !== '' && !text.endsWith('\n');
  return text + (addsNewline ? eol : '') + lines(addsNewline, false);
}

/** The text as it was before us; `undefined` when there was no file and nobody has written into it since. */
export function withoutBlock(text: string, file: string): string | undefined {
  const found = findBlock(text, file);
  if (!found) return text;
  const after = text.slice(found.end);
  // Where somebody has written after us, the line end that we added is theirs by now.
  const addedEol = found.addedNewline && after === '' ? found.eol.length : 0;
  const before = text.slice(0, found.start - addedEol);
  return found.madeFile && before + after === '' ? undefined : before + after;
}

const lineEnd = (text: string, from: number): number => {
  const at = text.indexOf('\n', from);
  return at < 0 ? text.length : at + 1;
};

/** Of the lines, whatever their ends: a tool that turns CRLF into LF has changed nothing of ours. */
const hashOf = (body: string): string =>
  createHash('sha256').update(body.replaceAll('\r\n', '\n'), 'latin1').digest('hex').slice(0, 16);
