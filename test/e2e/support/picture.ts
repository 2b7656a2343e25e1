import type { Page } from 'playwright-core';
import type { AgentViewData, CallViewData, CustomerCardData, EventType } from '../../../src/events/catalogue/index.ts';

/** A made-up moment of a made-up hotline. Whoever is in it does not exist; the numbers are masked like real ones. */
export const pictureMs = Date.UTC(2026, 2, 2, 2, 15, 30);
const ago = (seconds: number): number => pictureMs - seconds * 1000;

const call = (id: string, part: Partial<CallViewData>): CallViewData => ({
  id,
  version: 3,
  phase: 'waiting',
  phaseSinceMs: ago(20),
  nodeId: 'pbx1',
  callerNumber: '138****0001',
  dialledNumber: '4001',
  entryId: 'hotline',
  queueId: '售后 Support',
  priority: 0,
  enteredAtMs: ago(30),
  queuedAtMs: ago(25),
  data: {},
  ...part,
});

const agent = (id: string, name: string, part: Partial<AgentViewData> = {}): AgentViewData => ({
  id,
  version: 2,
  name,
  presence: 'available',
  routing: 'idle',
  device: 'notInUse',
  sinceMs: ago(75),
  skills: {},
  queues: [],
  ...part,
});

const nobody = { openTickets: [], purchases: [], tags: [], vip: false, blacklisted: false, value: 0 };

const vip: CustomerCardData = {
  status: 'fresh',
  source: 'crm:sample',
  fetchedAtMs: ago(32),
  customer: {
    ...nobody,
    id: 'C00001',
    name: '王秀英 Wang Xiuying',
    tier: 'platinum',
    vip: true,
    value: 96,
    region: '上海',
    churnRisk: 'medium',
    strategy: 'Offer the replacement before it is asked for.',
    tags: ['老客户', '企业'],
    openTickets: [
      { id: 'T00001', title: '无法开机 Does not start', status: 'open', urgency: 'high' },
      { id: 'T00007', title: '发票抬头有误 Wrong name on the invoice', status: 'pending' },
    ],
    purchases: [
      { id: 'O1', title: '空气净化器', amount: '¥ 1,299', atMs: Date.UTC(2026, 0, 12) },
      { id: 'O2', title: '路由器', amount: '¥ 299', atMs: Date.UTC(2025, 10, 3) },
      { id: 'O3', title: 'Standing desk', amount: '¥ 2,180', atMs: Date.UTC(2025, 6, 21) },
    ],
    lastContact: { atMs: Date.UTC(2026, 1, 25), agentName: '赵敏', summary: 'Asked for a spare filter.' },
  },
};

const ringing: CustomerCardData = {
  status: 'stale',
  source: 'directory',
  fetchedAtMs: ago(5_400),
  customer: { ...nobody, id: 'C00002', name: '李伟', tier: 'gold', value: 60, openTickets: [], tags: ['售后'] },
};

const brief = (name: string, tier?: string, isVip = false) => ({
  status: 'fresh' as const,
  name,
  vip: isVip,
  ...(tier === undefined ? {} : { tier }),
});

const own = call('own', {
  phase: 'talking',
  agentId: 'lin',
  phaseSinceMs: ago(42),
  customer: brief('王秀英 Wang Xiuying', 'platinum', true),
  data: { menu: '2 repair' },
});
const offered = call('offered', {
  phase: 'offering',
  agentId: 'wang',
  phaseSinceMs: ago(6),
  callerNumber: '139****0002',
  customer: brief('李伟', 'gold'),
});
const waiting = [
  call('w1', { callerNumber: '136****4417', queuedAtMs: ago(98), customer: brief('陈静', 'silver') }),
  call('w2', { callerNumber: '+86 21 ****3321', queuedAtMs: ago(61), queueId: '账单 Billing' }),
  call('w3', { callerNumber: '137****9052', queuedAtMs: ago(12), customer: brief('Alice Carter', 'gold', true) }),
];

const figures = (id: string, count: number, longestWaitMs: number, agentsIdle: number) => ({
  id,
  waiting: count,
  offering: 1,
  longestWaitMs,
  agentsIdle,
  agentsSignedIn: 4,
});

const snapshot = {
  calls: [
    { call: own, customer: vip },
    { call: offered, customer: ringing },
    ...waiting.map((view) => ({ call: view })),
  ],
  agents: [
    agent('lin', '林岚 Lin Lan', { routing: 'talking', sinceMs: ago(42), device: 'inUse' }),
    agent('wang', '王强 Wang Qiang', { routing: 'offered', sinceMs: ago(6), device: 'ringing' }),
    agent('zhang', '张磊 Zhang Lei', { routing: 'wrapUp', sinceMs: ago(18) }),
    agent('zhao', '赵敏 Zhao Min', { presence: 'paused', pauseReason: 'lunch', sinceMs: ago(1_330) }),
    agent('chen', '陈晨 Chen Chen', { presence: 'signedOut', device: 'unavailable', sinceMs: ago(51_000) }),
  ],
  queues: [figures('售后 Support', 2, 98_000, 0), figures('账单 Billing', 1, 61_000, 1), figures('贵宾 VIP', 0, 0, 1)],
};

const happened: readonly (readonly [EventType, number, object])[] = [
  ['pbx.link.restored.v1', 130, { nodeId: 'pbx1', link: 'ami' }],
  ['call.connected.v1', 42, { call: own, agentId: 'lin', waitedMs: 25_000 }],
  ['call.offer.ended.v1', 31, { call: offered, agentId: 'zhao', attempt: 1, outcome: 'declined' }],
  ['call.queued.v1', 12, { call: waiting[2], reason: 'arrived' }],
  [
    'call.offered.v1',
    6,
    { call: offered, agentId: 'wang', attempt: 2, mode: 'ring', expiresAtMs: pictureMs + 14_000, customer: ringing },
  ],
];

/** Plays the server behind the page: signs in whoever comes, and tells the made-up moment. */
export async function playPicture(page: Page, openApi: object): Promise<void> {
  const user = { id: 'lin', name: '林岚', roles: ['supervisor'], agentId: 'lin', scopes: [] };
  await page.route('**/v1/**', (route) => {
    const { pathname } = new URL(route.request().url());
    if (pathname === '/v1/openapi.json') return route.fulfill({ json: openApi });
    if (pathname === '/v1/auth/login') return route.fulfill({ json: { accessToken: 'a', refreshToken: 'r', user } });
    return route.fulfill({ json: { ticket: 't', accepted: true } });
  });
  await page.routeWebSocket('**/v1/events', (socket) => {
    const tell = (frame: object): void => socket.send(JSON.stringify(frame));
    const place = { epoch: 'e1', sequence: 100 };
    socket.onMessage((message) => {
      const { type, id } = JSON.parse(String(message)) as { type: string; id?: string };
      if (type === 'auth') {
        tell({
          type: 'hello',
          protocol: 'cti.v1',
          ...place,
          nowMs: pictureMs,
          principal: { id: 'user:lin', kind: 'supervisor' },
        });
      }
      if (type === 'ping') tell({ type: 'pong' });
      if (type !== 'subscribe') return;
      tell({ type: 'subscribed', id, ...place, filter: {}, masked: true });
      tell({ type: 'snapshot', id, ...place, ...snapshot });
      happened.forEach(([name, secondsAgo, data], index) =>
        tell({ type: 'event', id, event: eventOf(name, secondsAgo, data, 101 + index) }),
      );
    });
  });
}

function eventOf(type: EventType, secondsAgo: number, data: object, sequence: number): object {
  const time = new Date(ago(secondsAgo)).toISOString();
  // One version on: the page takes no event that is older than what the snapshot showed.
  const newer = 'call' in data ? { ...data, call: { ...(data.call as CallViewData), version: sequence } } : data;
  return { type, id: `e${sequence}`, subject: '', time, sequence: String(sequence).padStart(16, '0'), data: newer };
}
