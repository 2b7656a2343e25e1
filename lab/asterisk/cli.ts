import { connect } from 'node:net';
import { labError } from '../errors.ts';

/**
 * Runs one CLI command through Asterisk's control socket, as `asterisk -rx` does, without starting a process.
 * Source: asterisk.c, ast_remotecontrol(): the server greets with one line, the client sends the command with this
 * prefix and a closing NUL, the server writes the output and hangs up.
 */
export function asteriskCli(controlPath: string, command: string, timeoutMs = 10_000): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(controlPath);
    let greeted = false;
    let output = '';
    socket.setEncoding('utf8');
    socket.setTimeout(timeoutMs, () => socket.destroy(labError('not_ready', `no answer to CLI command ${command}`)));
    socket.on('data', (chunk: string) => {
      if (greeted) {
        output += chunk;
        return;
      }
      const end = chunk.indexOf('\n');
      if (end < 0) return;
      greeted = true;
      output += chunk.slice(end + 1);
      socket.write(`cli quit after ${command}\0`);
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(clean(output)));
  });
}

/** Drops the NULs that separate messages and the one-byte verbosity marks in front of lines (logger.h, VERBOSE_MAGIC). */
const clean = (output: string): string =>
  [...output]
    .filter((char) => char === '\n' || char === '\t' || (char >= ' ' && char < '\x7f') || char > '\u009f')
    .join('');
