import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { failed, type Finding, ok, said, warning } from '../finding.ts';

/** The event socket, and as many requests over HTTP at once as the link makes. */
export const ownSessions = 10;
const answerTimeoutMs = 2_000;

export interface SessionFacts {
  /** How many connections Asterisk answered of those that we opened at once. */
  readonly opened: number;
  /** `sessionlimit` of http.conf, where that file can be read; 100 when it does not say. */
  readonly limit?: number;
  /** Agents whose phones may be browsers, which take a session each. */
  readonly agents: number;
}

export function judgeSessions({ opened, limit, agents }: SessionFacts): Finding {
  const enough = ownSessions * 2 + agents;
  const mend = said(
    `Set sessionlimit = ${Math.max(2_000, enough)} in http.conf, then restart Asterisk's HTTP server (module reload http).`,
    `请在 http.conf 中设置 sessionlimit = ${Math.max(2_000, enough)}，然后执行 module reload http。`,
  );
  if (opened < ownSessions) {
    return failed(
      said(
        `Asterisk took ${opened} of ${ownSessions} sessions that the server may need at once`,
        `服务可能同时需要 ${ownSessions} 个会话，Asterisk 只接受了 ${opened} 个`,
      ),
      mend,
    );
  }
  if (limit !== undefined && limit < enough) {
    return warning(
      said(
        `sessionlimit is ${limit}; with ${agents} agents on browser phones ${enough} are needed`,
        `sessionlimit 为 ${limit}；若 ${agents} 位坐席都用浏览器话机，需要 ${enough}`,
      ),
      mend,
    );
  }
  if (limit !== undefined) return ok(`sessionlimit is ${limit}`, `sessionlimit 为 ${limit}`);
  return ok(
    `${opened} sessions at once are taken; the limit itself stands in a file that cannot be read from here`,
    `可同时打开 ${opened} 个会话；上限写在此处读不到的文件中`,
  );
}

/** The limit that an http.conf sets; undefined when the file cannot be read. */
export function readSessionLimit(file: string): number | undefined {
  try {
    const lines = readFileSync(file, 'utf8').matchAll(/^[ \t]*sessionlimit[ \t]*=>?[ \t]*(\d+)/gm);
    return Number([...lines].at(-1)?.[1] ?? 100);
  } catch {
    // Another machine's file, or not ours to read: the sessions that could be opened must do.
    return undefined;
  }
}

export async function checkSessions(url: string, confFile: string | undefined, agents: number): Promise<Finding> {
  const { hostname, port, protocol } = new URL(url);
  const isTls = protocol === 'https:';
  const address = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || (isTls ? 443 : 80)) };
  const sessions = Array.from({ length: ownSessions }, () => openSession(address, isTls));
  const answered = await Promise.all(sessions.map(({ answers }) => answers));
  for (const session of sessions) session.close();
  const limit = confFile === undefined ? undefined : readSessionLimit(confFile);
  const opened = answered.filter(Boolean).length;
  return judgeSessions({ opened, agents, ...(limit === undefined ? {} : { limit }) });
}

interface Session {
  readonly answers: Promise<boolean>;
  readonly close: () => void;
}

/** Asterisk counts a session from its connection on, and closes one too many without a word. */
function openSession(address: { host: string; port: number }, isTls: boolean): Session {
  // What is asked is whether there is room, not who answers: the certificate has a check of its own.
  const socket = isTls ? connectTls({ ...address, rejectUnauthorized: false }) : connect(address);
  const answers = new Promise<boolean>((resolve) => {
    socket.setTimeout(answerTimeoutMs, () => resolve(false));
    socket.on('error', () => resolve(false)).on('close', () => resolve(false));
    socket.once('data', (data: Buffer) => resolve(data.toString('latin1').startsWith('HTTP/')));
    socket.write(`GET /ari/asterisk/ping HTTP/1.1\r\nHost: ${address.host}\r\nConnection: keep-alive\r\n\r\n`);
  });
  return { answers, close: () => void socket.destroy() };
}
