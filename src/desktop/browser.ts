import type { DeskClock, DeskFetch, DeskSocket } from './client/ports.ts';

/** The browser behind the ports: the one place of the page where time and chance are taken. */

export const browserClock: DeskClock = {
  nowMs: () => Date.now(),
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return { cancel: () => clearTimeout(timer) };
  },
};

export const browserRandom = (): number => Math.random();

export const browserFetch: DeskFetch = (path, init) =>
  fetch(path, { ...init, credentials: 'omit', cache: 'no-store', redirect: 'error' });

/** The event socket of the server that served this page. */
export function openEventSocket(): DeskSocket {
  const url = new URL('/v1/events', location.href);
  url.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
  return new WebSocket(url, 'cti.v1');
}
