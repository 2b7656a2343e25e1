import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { failureOf, planCommand } from '../../src/ari/commands.ts';
import { AriError, ariErrors } from '../../src/ari/errors.ts';
import type { AriLink } from '../../src/ari/ports.ts';
import { encodeCall } from '../../src/ari/request.ts';
import { cleanCallerName, cleanNumber, isEndpoint } from '../../src/ari/sanitise.ts';
import type { PbxCommand } from '../../src/call/index.ts';

/** What goes on the wire for a command; undefined when it is refused. */
function wire(command: PbxCommand): string[] | undefined {
  const plan = planCommand(command, 'r');
  if (plan instanceof AriError) return undefined;
  const sent: string[] = [];
  const request: AriLink['request'] = (operation, params) => {
    const call = encodeCall(operation, params);
    sent.push(call instanceof AriError ? call.code : `${call.method} ${call.uri} ${call.body ?? ''}`.trim());
    return Promise.resolve({ ok: false, error: new AriError(ariErrors.timeout) });
  };
  for (const step of plan.kind === 'dial' ? [plan.originate] : plan.steps) void step.run({ request } as AriLink, 1);
  return sent;
}

const dial: PbxCommand = {
  kind: 'dial',
  legId: 'leg',
  endpoint: 'PJSIP/1001',
  originatorLegId: 'orig',
  callerNumber: '+86 138',
  callerName: 'A "B" <C>',
  timeoutMs: 14_001,
  variables: { RINGMASTER_LEG: 'x,y' },
};

describe('planCommand', () => {
  it.each<[PbxCommand, string[]]>([
    [{ kind: 'answer', legId: 'l' }, ['POST channels/l/answer']],
    [{ kind: 'ring', legId: 'l' }, ['POST channels/l/ring']],
    [
      { kind: 'play', legId: 'l', playbackId: 'p', media: ['sound:a', 'number:3'] },
      ['POST channels/l/play/p?media=sound%3Aa,number%3A3'],
    ],
    [
      { kind: 'play', legId: 'l', playbackId: 'p', media: ['sound:a'], language: 'zh_CN' },
      ['POST channels/l/play/p?media=sound%3Aa&lang=zh_CN'],
    ],
    [{ kind: 'stopPlayback', playbackId: 'p' }, ['DELETE playbacks/p']],
    [{ kind: 'startMusic', legId: 'l', musicClass: 'jazz' }, ['POST channels/l/moh?mohClass=jazz']],
    [{ kind: 'stopMusic', legId: 'l' }, ['DELETE channels/l/moh']],
    [{ kind: 'createBridge', bridgeId: 'b' }, ['POST bridges/b?type=mixing%2Cdtmf_events&name=r']],
    [
      { kind: 'join', bridgeId: 'b', legIds: ['x', 'y'] },
      ['POST bridges/b/addChannel?channel=x,y&inhibitConnectedLineUpdates=true'],
    ],
    [{ kind: 'separate', bridgeId: 'b', legId: 'x' }, ['POST bridges/b/removeChannel?channel=x']],
    [{ kind: 'destroyBridge', bridgeId: 'b' }, ['DELETE bridges/b']],
    [
      { kind: 'setVariables', legId: 'l', variables: { A: '1 2', B: '${X}' } },
      ['POST channels/l/variable?variable=A&value=1%202', 'POST channels/l/variable?variable=B&value=%24%7BX%7D'],
    ],
    [
      { kind: 'leave', legId: 'l', context: 'c-x', extension: '+86', priority: 2 },
      ['POST channels/l/continue?context=c-x&extension=%2B86&priority=2'],
    ],
    [{ kind: 'hangup', legId: 'l', reason: 'busy' }, ['DELETE channels/l?reason=busy']],
    [
      dial,
      [
        'POST channels/leg?endpoint=PJSIP%2F1001&app=r&appArgs=ringmaster-dialled&callerId=%22A%20B%20C%22%20%3C%2B86138%3E&timeout=15&originator=orig {"variables":{"RINGMASTER_LEG":"x,y"}}',
      ],
    ],
  ])('%j', (command, expected) => {
    expect(wire(command)).toEqual(expected);
  });

  it.each<[string, PbxCommand]>([
    ['an endpoint of two', { ...dial, endpoint: 'PJSIP/1001&PJSIP/1002' }],
    ['an application as endpoint', { ...dial, endpoint: 'Local/1@c/n(x)' }],
    ['no endpoint', { ...dial, endpoint: '' }],
    ['a function as variable', { ...dial, variables: { 'SHELL(ls)': 'x' } }],
    ['a line break in a value', { ...dial, variables: { A: 'x\nVariable: y' } }],
    ['a variable with a function name', { kind: 'setVariables', legId: 'l', variables: { 'DB(a/b)': '1' } }],
    ['a file outside', { kind: 'play', legId: 'l', playbackId: 'p', media: ['sound:../../etc/passwd'] }],
    ['two media in one', { kind: 'play', legId: 'l', playbackId: 'p', media: ['sound:a,sound:b'] }],
    ['a language with a path', { kind: 'play', legId: 'l', playbackId: 'p', media: ['sound:a'], language: '../x' }],
    ['nothing to play', { kind: 'play', legId: 'l', playbackId: 'p', media: [] }],
    ['an id that climbs up', { kind: 'answer', legId: '..' }],
    ['an id with a slash', { kind: 'hangup', legId: 'a/b', reason: 'normal' }],
    ['nobody to join', { kind: 'join', bridgeId: 'b', legIds: [] }],
    ['an extension with a comma', { kind: 'leave', legId: 'l', context: 'c', extension: '1,2', priority: 1 }],
    ['a music class with a path', { kind: 'startMusic', legId: 'l', musicClass: '../x' }],
  ])('refuses %s', (_name, command) => {
    expect(wire(command)).toBeUndefined();
  });
});

describe('what reaches a dial string or a phone', () => {
  it('is of an allowed shape only', () => {
    const good = ['PJSIP/1001', 'PJSIP/13800138000@trunk', 'Local/1001@agents/n', 'Local/*97@in', 'SIP/a.b'];
    expect(good.filter((text) => !isEndpoint(text))).toEqual([]);
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(!isEndpoint(`PJSIP/${text}`) || /^[A-Za-z0-9_.+*#@-]+$/.test(text)).toBe(true);
        expect(cleanNumber(text)).toMatch(/^\+?[0-9*#]*$/);
        expect(cleanCallerName(text)).not.toMatch(/["<>\\;,$`{}\0-\x1f\x7f]/);
        expect(cleanCallerName(text).isWellFormed()).toBe(true);
      }),
      { seed: 20264, numRuns: 2_000 },
    );
  });
});

describe('failureOf', () => {
  const status = (pbxStatus: number) => new AriError(ariErrors.refused, undefined, { pbxStatus });
  it.each([
    [status(404), 'gone'],
    [status(409), 'gone'],
    [status(500), 'refused'],
    [status(412), 'refused'],
    [new AriError(ariErrors.timeout), 'timeout'],
    [new AriError(ariErrors.link_lost), 'unavailable'],
    [new AriError(ariErrors.not_connected), 'unavailable'],
    [new AriError(ariErrors.busy), 'unavailable'],
    [new AriError(ariErrors.request_too_large), 'refused'],
  ])('%s is %s', (error, failure) => {
    expect(failureOf(error, [404, 409])).toBe(failure);
  });
});
