import { expect, it } from 'vitest';
import { Mailboxes } from '../../src/bridge/mailboxes.ts';
import type { CallInput } from '../../src/call/index.ts';

const input: CallInput = { kind: 'draining', atMs: 0 };

it('what was posted is handled also when the work that posted it fails', () => {
  const handled: string[] = [];
  const mailboxes = new Mailboxes((callId) => void handled.push(callId));
  const work = (): void => {
    mailboxes.post('c1', input);
    mailboxes.post('c2', input);
    throw new Error('a defect');
  };
  expect(() => mailboxes.hold(work)).toThrow('a defect');
  expect(handled).toEqual(['c1', 'c2']);
  mailboxes.post('c3', input);
  expect(handled).toEqual(['c1', 'c2', 'c3']);
});

it('what an input posts is handled after what was posted before', () => {
  const handled: string[] = [];
  const mailboxes = new Mailboxes((callId) => {
    handled.push(callId);
    if (callId === 'c1') mailboxes.post('c3', input);
  });
  mailboxes.hold(() => {
    mailboxes.post('c1', input);
    mailboxes.post('c2', input);
    expect(handled).toEqual([]);
  });
  expect(handled).toEqual(['c1', 'c2', 'c3']);
});
