import { describe, expect, it } from 'vitest';
import { WireMessage } from '../../src/ami/message.ts';
import { judgeAmiRights } from '../../src/doctor/checks/ami-rights.ts';
import { judgeAppQueue } from '../../src/doctor/checks/app-queues.ts';

const events = (...texts: string[]) =>
  texts.flatMap((text) => WireMessage.parse(`Event: ${text.replaceAll('|', '\r\n')}\r\n`) ?? []);
const params = 'QueueParams|Queue: care';
const member = (dialled: string, state = dialled) =>
  `QueueMember|Queue: care|Location: ${dialled}|StateInterface: ${state}`;
const agentOf = (dialled: string, state: string) => (`${dialled} ${state}`.includes('PJSIP/1001') ? 'li' : undefined);

describe('the queues that are mirrored', () => {
  it.each([
    ['of agents only', [params, member('PJSIP/1001'), member('Local/1@x', 'PJSIP/1001')], 'ok', 'all 2 members'],
    ['with members that are nobody’s', [params, member('PJSIP/1001'), member('PJSIP/9')], 'warning', 'PJSIP/9'],
    ['that app_queue does not have', [], 'failed', 'no queue care'],
  ] as const)('%s', (_, list, verdict, said) => {
    const found = judgeAppQueue('care', events(...list), agentOf);
    expect([found.verdict, found.says.en]).toEqual([verdict, expect.stringContaining(said)]);
  });
});

describe('the rights of the AMI user', () => {
  const actions = new Map([
    ['DeviceStateList', ['call']],
    ['CoreStatus', ['reporting']],
  ]);
  const more = new Map([...actions, ['QueuePause', ['agent']]]);

  it.each([
    ['agent is missing where queues are mirrored', actions, true, 'failed'],
    ['agent is right where queues are mirrored', more, true, 'ok'],
    ['agent is too much where none are', more, false, 'warning'],
  ] as const)('%s', (_, held, mirrors, verdict) => {
    expect(judgeAmiRights({ actions: held, bootConfirmed: true, mirrors }).verdict).toBe(verdict);
  });
});
