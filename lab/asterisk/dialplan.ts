import type { LabPhone } from './options.ts';

/**
 * The lab's numbers, as a caller on the trunk or a phone dials them:
 *
 * | number | what answers |
 * |---|---|
 * | 4000–4009, 400xxxxxxx | the ARI application; when there is none, the fallback that follows |
 * | 5000 | answers and stays: the target of a blind transfer to a number |
 * | 5001 | rings, never answers; 5002 busy; 5003 declines |
 * | 6000 | baseline: app_queue over all phones, with autofill; 6001 without, as a queue is by default |
 * | 7000 | baseline: Dial() to the phones in turn; 7 and a phone's name: Dial() to that one |
 * | 9000 | the fallback |
 * | a phone's name | that phone |
 *
 * A blind transfer to a number goes into `ringmaster-transfer`, a drained call into `ringmaster-fallback,s,1`.
 * Agents without SIP are `Local/WORD@lab-agents`, with an optional number for the agent (`Local/answer7@lab-agents`):
 * answer, busy, ringout, decline, drop (answers, is gone 200 ms later), slow (answers after 2 s), gone (unreachable).
 * Callers without SIP: originate `Local/4001@from-trunk/n` into `talk`, `short` (hangs up after 3 s) or `giveup`
 * (hangs up after 1 s) of `lab-callers`.
 */
export function extensionsConf(application: string, phones: readonly LabPhone[], extra: string): string {
  return [general(phones), fromTrunk(application), targets, baselines, localAgents(), localCallers, extra, ''].join(
    '\n\n',
  );
}

const general = (phones: readonly LabPhone[]): string => `[general]
static = yes
writeprotect = yes
[globals]
PHONES = ${phones.length}
NEXT = 0
${phones.map((phone, index) => `PHONE${index} = ${phone.name}`).join('\n')}`;

const fromTrunk = (application: string): string => `[from-trunk]
include => ringmaster-entry
include => lab-targets
include => lab-baselines
include => lab-phones
[from-internal]
include => ringmaster-entry
include => lab-targets
include => lab-baselines
include => lab-phones
[ringmaster-entry]
exten => _400X,1,Stasis(${application})
 same => n,Goto(ringmaster-fallback,s,1)
exten => _400XXXXXXX,1,Stasis(${application})
 same => n,Goto(ringmaster-fallback,s,1)
[ringmaster-fallback]
exten => s,1,UserEvent(LabFallback,Uniqueid: \${UNIQUEID},StasisStatus: \${STASISSTATUS})
 same => n,Answer()
 same => n,Playback(fallback)
 same => n,Hangup(16)
exten => _X!,1,Goto(s,1)`;

const targets = `[ringmaster-transfer]
include => ringmaster-entry
include => lab-targets
include => lab-phones
[lab-targets]
exten => 5000,1,Answer()
 same => n,Wait(3600)
exten => 5001,1,Ringing()
 same => n,Wait(3600)
exten => 5002,1,Busy(1)
exten => 5003,1,Hangup(21)
exten => 9000,1,Goto(ringmaster-fallback,s,1)
[lab-phones]
exten => _1XXX,1,Dial(PJSIP/\${EXTEN},30)
 same => n,Hangup(\${HANGUPCAUSE})`;

const baselines = `[lab-baselines]
exten => 6000,1,Queue(lab,,,,60)
 same => n,Hangup(\${HANGUPCAUSE})
exten => 6001,1,Queue(lab-serial,,,,60)
 same => n,Hangup(\${HANGUPCAUSE})
exten => 7000,1,Set(GLOBAL(NEXT)=$[(\${NEXT} + 1) % \${PHONES}])
 same => n,Dial(PJSIP/\${PHONE\${NEXT}},30)
 same => n,Hangup(\${HANGUPCAUSE})
exten => _71XXX,1,Dial(PJSIP/\${EXTEN:1},30)
 same => n,Hangup(\${HANGUPCAUSE})`;

/** In patterns `n`, `x` and `z` are wildcards in both cases, so the words' letters are bracketed. */
const word = (text: string): string => text.replace(/[nxz]/g, '[$&]');

const behaviours: Readonly<Record<string, readonly string[]>> = {
  answer: ['Ringing()', 'Answer()', 'Wait(3600)'],
  slow: ['Ringing()', 'Wait(2)', 'Answer()', 'Wait(3600)'],
  busy: ['Busy(1)'],
  ringout: ['Ringing()', 'Wait(3600)'],
  decline: ['Hangup(21)'],
  drop: ['Ringing()', 'Answer()', 'Wait(0.2)', 'Hangup(16)'],
  gone: ['Hangup(20)'],
};

function localAgents(): string {
  const lines = Object.entries(behaviours).flatMap(([name, [first, ...rest]]) =>
    [name, `_${word(name)}X!`].flatMap((exten) => [
      `exten => ${exten},1,${first}`,
      ...rest.map((app) => ` same => n,${app}`),
    ]),
  );
  return ['[lab-agents]', ...lines].join('\n');
}

const localCallers = `[lab-callers]
exten => talk,1,Answer()
 same => n,Wait(3600)
exten => short,1,Answer()
 same => n,Wait(3)
exten => giveup,1,Answer()
 same => n,Wait(1)`;
