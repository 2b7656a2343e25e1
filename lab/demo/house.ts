import type { Phone } from '../../sim/pbx/phone.ts';
import { snippetSecrets } from '../index.ts';
import { virtualPhone } from '../virtual/phones.ts';
import type { DemoDesk } from './desk.ts';

/** Who answers in the demo: five agents, of whom one declines and one lets it ring. */
export const agents = [
  {
    id: 'li',
    name: '李静 Li Jing',
    endpoint: 'PJSIP/1001',
    skills: { zh: 100, repair: 80 },
    queues: ['support', 'patient', 'all', 'expert', 'known'],
  },
  {
    id: 'wang',
    name: '王强 Wang Qiang',
    endpoint: 'PJSIP/1002',
    skills: { zh: 90, en: 80, repair: 60 },
    queues: ['support', 'vip', 'all', 'expert', 'known'],
  },
  { id: 'zhang', name: '张磊 Zhang Lei', endpoint: 'PJSIP/1003', skills: { zh: 80, repair: 50 }, queues: ['support'] },
  { id: 'chen', name: '陈晨 Chen Chen', endpoint: 'PJSIP/1004', skills: { zh: 80, repair: 50 }, queues: ['support'] },
  {
    id: 'zhao',
    name: '赵敏 Zhao Min',
    endpoint: 'PJSIP/1005',
    skills: { zh: 70, billing: 90, repair: 30 },
    queues: ['support', 'billing'],
  },
] as const;

/** What the agents' phones do, in the order of the agents. */
export const phones = [
  { behaviour: 'answer', answerAfterMs: 400 },
  { behaviour: 'answer', answerAfterMs: 400 },
  { behaviour: 'decline', answerAfterMs: 200 },
  { behaviour: 'noAnswer' },
  { behaviour: 'answer', answerAfterMs: 400 },
] as const;

const queue = {
  ringTimeoutMs: '2s',
  maxWaitMs: '60s',
  wrapUpMs: '300ms',
  overflow: 'dialplan:ringmaster-fallback,s,1',
  cooldownMs: { declined: '5s', busy: '2s', noAnswer: '5s', unreachable: '2s' },
};

const entry = { answer: 'atEntry', fallback: 'dialplan:ringmaster-fallback,s,1', greeting: ['sound:welcome'] };

const menu = {
  prompt: ['sound:menu'],
  keys: {
    '1': { target: 'queue:support', label: '售后 Support' },
    '2': { target: 'queue:billing', label: '账单 Billing', data: { topic: 'bill' } },
  },
  wrongKey: ['sound:wrong-key'],
};

/** Callers choose their language, then what they want; spoken by espeak-ng. */
const flow = {
  id: 'two-languages',
  steps: {
    language: {
      menu: {
        prompt: ['prompt:language'],
        keys: {
          '1': { target: 'topic', language: 'zh', label: '中文' },
          '2': { target: 'topic', language: 'en', label: 'English' },
        },
        wrongKey: ['prompt:wrong-key'],
      },
    },
    topic: {
      menu: {
        prompt: ['prompt:topic'],
        keys: {
          '1': { target: 'queue:support', label: '售后 Support' },
          '2': { target: 'queue:billing', label: '账单 Billing' },
          '*': { target: 'back' },
        },
        wrongKey: ['prompt:wrong-key'],
      },
    },
  },
};

const prompts = (soundsDir: string) => ({
  directory: soundsDir,
  texts: {
    language: { en: 'Welcome. For English press 2. 中文请按一。', zh: '欢迎致电。中文请按一。For English press 2.' },
    topic: { en: 'For support press 1, for billing press 2.', zh: '售后请按一，账单请按二。' },
    'wrong-key': { en: 'Sorry, that is none of the choices.', zh: '按键有误。' },
    'leave-message': { en: 'We are closed. Leave a message.', zh: '现在是休息时间，请留言。' },
  },
});

const voicemails = [
  {
    id: 'night',
    prompt: ['prompt:leave-message', 'sound:beep'],
    silenceMaxMs: '2s',
    shortestMs: '500ms',
    callback: 'message',
    queue: 'patient',
  },
];

const schedules = [
  { id: 'never', timeZone: 'Asia/Shanghai', weekly: {} },
  { id: 'always', timeZone: 'Asia/Shanghai', weekly: { 'mon-sun': ['00:00-24:00'] } },
];

/** The 400 numbers of the demo. */
export const numbers = [
  { ...entry, id: 'hotline', number: '4001', queue: 'support', needs: { zh: 50 } },
  { ...entry, id: 'english', number: '4002', queue: 'support', needs: { en: 50 } },
  { ...entry, id: 'all', number: '4003', queue: 'all', greeting: [] },
  { ...entry, id: 'expert', number: '4008000004', queue: 'expert', greeting: [] },
  { ...entry, id: 'known', number: '4008000005', queue: 'known', greeting: [] },
  { ...entry, id: 'menu', number: '4008', queue: 'support', menu },
  { ...entry, id: 'ticket', number: '4007', queue: 'vip', greeting: [], language: 'zh' },
  { ...entry, id: 'patient', number: '4006', queue: 'patient', greeting: [] },
  { ...entry, id: 'languages', number: '4005', queue: 'support', greeting: [], flow: 'two-languages' },
  {
    ...entry,
    id: 'night',
    number: '4004',
    queue: 'patient',
    hours: 'never',
    closed: { target: 'voicemail:night' },
  },
  { ...entry, id: 'closed', number: '4009', queue: 'support', hours: 'never', closed: { prompt: ['sound:closed'] } },
];

const queues = [
  { ...queue, id: 'support', name: '售后 Support', needs: { repair: 30 } },
  { ...queue, id: 'billing', name: '账单 Billing', needs: { billing: 50 } },
  {
    ...queue,
    id: 'patient',
    name: '回拨 Callback',
    announcements: { firstAfterMs: '1s', everyMs: '10s', prompts: { '*': { position: ['sound:beep'] } } },
    callback: { afterMs: '2s', graceMs: 0, prompts: { '*': { offer: ['sound:menu'], accepted: ['sound:closed'] } } },
  },
  {
    ...queue,
    id: 'expert',
    name: '专家 Experts',
    needs: { repair: 70 },
    steps: [{ expiresAfterMs: '2s' }, { needs: { repair: 30 } }],
  },
  { ...queue, id: 'known', name: '熟客 Known', steps: [{ agent: 'last', expiresAfterMs: '10s' }, {}] },
  { ...queue, id: 'vip', name: '贵宾 VIP' },
  { ...queue, id: 'all', name: '同振 All at once', ringAll: 2 },
];

/** Who gives up on one number leaves a ticket. */
const tickets = (desk: DemoDesk) => ({
  desks: [{ id: 'desk', deadlineMs: '3s', allow: ['127.0.0.0/8'], ...desk.settings }],
  rules: [
    {
      id: 'missed',
      after: ['abandoned'],
      entries: ['ticket'],
      when: 'customer.known && customer.openTickets == 0',
      desk: 'desk',
      level: 'high',
      subject: { zh: '未接来电：{customer.name}', en: 'Missed call: {customer.name}' },
      text: { zh: '{call.callerNumber} 等待 {call.waitedMs} 毫秒后挂断，请回电。' },
    },
    {
      id: 'message',
      after: ['voicemail'],
      desk: 'desk',
      subject: { zh: '留言：{call.callerNumber}' },
      text: { zh: '录音 /v1/recordings/{call.voicemail}/audio' },
    },
  ],
  retryFirstMs: '200ms',
  retryMaxMs: '500ms',
});

/** For dialplans that keep their calls and ask: who may, and the ways that `ringmaster dialplan install` writes. */
const asked = (port: number) => ({
  advice: { keepMs: '2s', fastAgi: { port, secret: snippetSecrets.agi } },
  apiKeys: [{ id: 'pbx', kind: 'pbx', scopes: ['dialplan:route'], secret: snippetSecrets.key }],
});
/** Their fallback refuses with 503, which nothing else here does. */
export const snippets = {
  flavour: 'asterisk',
  prefix: 'demo',
  digit: '8',
  boundMs: 800,
  fallback: 'Congestion(1)',
} as const;

/** Customers outside, by what their phones do. */
export const outside = {
  answers: '13900000101',
  busyOnce: '13900000102',
  listed: '13900000103',
  callback: '13900000104',
  second: '13900000105',
} as const;

/** How customers outside are dialled. */
export const outsideEndpoint = (number: string): string => `Local/${number}@demo-outside/n`;

/** How calls go out: into a context of the demo's PBX, which plays a trunk with these customers behind it. */
const outbound = {
  routes: [{ id: 'outside', prefixes: ['*'], node: 'pbx1', endpoint: outsideEndpoint('{number}'), callerId: '4001' }],
  ringTimeoutMs: '5s',
  callingHours: [{ regions: ['CN'], schedule: 'always' }],
  retry: { busy: { attemptsMax: 2, delayMs: '1s' } },
  tickMs: '100ms',
};

export const outsideDialplan = `[demo-outside]
exten => ${outside.answers},1,Ringing()
 same => n,Wait(0.4)
 same => n,Answer()
 same => n,Wait(3600)
exten => ${outside.callback},1,Goto(${outside.answers},1)
exten => ${outside.busyOnce},1,GotoIf($["\${GLOBAL(DEMO_CALLED)}" = "yes"]?${outside.answers},1)
 same => n,Set(GLOBAL(DEMO_CALLED)=yes)
 same => n,Busy(1)`;

/** The same customers for the model of the PBX. */
export function customerPhones(): readonly (readonly [number: string, phone: Phone])[] {
  const answers = virtualPhone({ behaviour: 'answer', answerAfterMs: 400 });
  const busy = virtualPhone({ behaviour: 'busy' });
  let called = 0;
  const busyOnce: Phone = { ring: (call) => ((called += 1) === 1 ? busy : answers).ring(call) };
  return [
    [outside.answers, answers],
    [outside.callback, answers],
    [outside.busyOnce, busyOnce],
  ];
}

/** What the server of the demo is told; `agiPort` is where it answers FastAGI. */
export const houseOptions = (desk: DemoDesk, soundsDir: string, agiPort: number) =>
  ({
    crmTemplate: 'sample',
    numbers,
    schedules,
    flows: [flow],
    voicemails,
    prompts: prompts(soundsDir),
    outbound,
    queues,
    agents,
    recording: { rule: 'onDemand' },
    tickets: tickets(desk),
    ...asked(agiPort),
  }) as const;
