import { expect, it } from 'vitest';
import { abandonServer, type Running, stopServer, withDeadline } from '../src/compose-stop.ts';
import { ManualClock } from './events/support.ts';

/** A running server whose parts note their end; `parts` take the place of some. */
function running(clock: ManualClock, parts: object = {}) {
  const notes: string[] = [];
  const ending = (name: string) => ({
    stop: async () => void notes.push(name),
    close: async () => void notes.push(name),
    cancel: () => undefined,
    drain: () => void notes.push('drain'),
    settled: async () => undefined,
    seal: () => void notes.push('seal'),
  });
  const names = ['board', 'http', 'sockets', 'lookup', 'checks', 'recordings', 'log', 'audit', 'access', 'health'];
  const all = Object.fromEntries(names.map((name) => [name, ending(name)]));
  return { notes, running: { ...all, ...parts, clock } as unknown as Running };
}

const turn = () => new Promise(setImmediate);

it('lets go of the PBX before anything else ends when another instance owns the calls', async () => {
  const clock = new ManualClock();
  const never = () => new Promise<void>(() => undefined);
  const { notes, running: server } = running(clock, { http: { close: never } });
  const over = abandonServer(server);
  await turn();
  expect(notes).toContain('board');
  expect(notes).not.toContain('log');
  clock.advance(1_000);
  await over;
  expect(notes.slice(0, 2)).toEqual(['access', 'seal']);
  expect(notes.slice(-2)).toEqual(['audit', 'log']);
});

it('ends the rest though one part cannot be ended', async () => {
  const clock = new ManualClock();
  const { notes, running: server } = running(clock, {
    board: { drain: () => undefined, settled: async () => undefined, stop: () => Promise.reject(new Error('stuck')) },
  });
  await stopServer(server, 5_000);
  expect(notes).toContain('log');
  expect(notes).toContain('http');
});

it('waits for what ends badly as for what ends well, and for neither for ever', async () => {
  const clock = new ManualClock();
  await withDeadline(Promise.reject(new Error('stuck')), 1_000, clock);
  let over = false;
  const waiting = withDeadline(new Promise(() => undefined), 1_000, clock).then(() => (over = true));
  clock.advance(999);
  await turn();
  expect(over).toBe(false);
  clock.advance(1);
  await waiting;
  expect(over).toBe(true);
});
