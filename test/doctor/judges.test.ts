import { describe, expect, it } from 'vitest';
import { judgeAmiRights, parseCommand, rightsOf } from '../../src/doctor/checks/ami-rights.ts';
import { judgeAmi } from '../../src/doctor/checks/ami.ts';
import { judgeApplication } from '../../src/doctor/checks/application.ts';
import { judgeAri } from '../../src/doctor/checks/ari.ts';
import { judgeVersion } from '../../src/doctor/checks/asterisk-version.ts';
import { judgeExpiry } from '../../src/doctor/checks/certificates.ts';
import { judgeClock } from '../../src/doctor/checks/clock.ts';
import { judgeCrmError } from '../../src/doctor/checks/crm.ts';
import { type DialplanLine, judgeDialplan } from '../../src/doctor/checks/dialplan.ts';
import { judgeFile } from '../../src/doctor/checks/files.ts';
import { judgeModules } from '../../src/doctor/checks/modules.ts';
import { judgeRefusal } from '../../src/doctor/checks/phone-states.ts';
import { judgeRedis, judgeRedisError } from '../../src/doctor/checks/redis.ts';
import { judgeRequestTimes } from '../../src/doctor/checks/request-time.ts';
import { judgeEventLoop, judgeNode, judgeOpenFiles } from '../../src/doctor/checks/runtime.ts';
import { judgeSessions } from '../../src/doctor/checks/sessions.ts';
import { judgeDisk, judgePostgres } from '../../src/doctor/checks/store.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { judgeOwnServer } from '../../src/doctor/own-server.ts';
import type { AmiVisit } from '../../src/doctor/visit-ami.ts';
import type { AriVisit } from '../../src/doctor/visit-ari.ts';

/** `failed: what it says`; whatever is not well must say how to mend it, in both languages. */
function said(finding: Finding): string {
  const isBad = finding.verdict === 'failed' || finding.verdict === 'warning';
  expect(Boolean(finding.mend?.en && finding.mend.zh)).toBe(isBad);
  expect(finding.says.zh.length).toBeGreaterThan(0);
  return `${finding.verdict}: ${finding.says.en}`;
}

function table(name: string, rows: readonly (readonly [string, Finding, string | RegExp])[]): void {
  describe(`${name}`, () => {
    it.each(rows)('%s', (_row, finding, expected) => {
      expect(said(finding)).toMatch(typeof expected === 'string' ? new RegExp(`^${expected}: `) : expected);
    });
  });
}

const ariLink = {} as AriVisit['link'];
const amiLink = {} as AmiVisit['link'];

table('the PBX', [
  ['version 16', judgeVersion('16.2.1'), 'failed'],
  ['version 18: advisories go before age', judgeVersion('18.9.0'), /^warning: Asterisk 18.9.0 has known holes.*GHSA/],
  ['version 22.10.0', judgeVersion('22.10.0~dfsg'), /^warning: .*GHSA/],
  ['version 22.10.1', judgeVersion('22.10.1+dfsg+~cs6'), 'ok'],
  ['version 23', judgeVersion('23.1.0'), 'ok'],
  ['certified', judgeVersion('certified/20.7-cert2'), 'warning'],
  ['no version', judgeVersion('GIT-master'), /^warning: cannot read/],
  ['ARI by WebSocket', judgeAri({ reached: true, link: ariLink, transport: 'websocket', version: '' }), 'ok'],
  [
    'ARI by HTTP',
    judgeAri({ reached: true, link: ariLink, transport: 'http', version: '' }),
    /without REST over WebSocket/,
  ],
  ['ARI password', judgeAri({ reached: false, link: ariLink, code: 'ari.auth_failed' }), /^failed: ARI refused/],
  [
    'ARI away',
    judgeAri({ reached: false, link: ariLink, code: 'ari.connect_failed' }),
    /^failed: .*ari.connect_failed/,
  ],
  ['ARI user reads only', judgeRefusal(403), /^failed: the ARI user may only read/],
  ['ARI cannot set a state', judgeRefusal(404), 'notChecked'],
  ['AMI up', judgeAmi({ reached: true, link: amiLink, bootConfirmed: true }, false), 'ok'],
  ['AMI refused', judgeAmi({ reached: false, link: amiLink, code: 'ami.login_refused' }, false), /refused the login/],
  ['AMI away', judgeAmi({ reached: false, link: amiLink, code: 'ami.connect_failed' }, false), /ami.connect_failed/],
  [
    'AMI by TLS away',
    judgeAmi({ reached: false, link: amiLink, code: 'ami.connect_failed' }, true),
    /by TLS, or its certificate/,
  ],
  ['clocks agree', judgeClock(-400), 'ok'],
  ['clock behind', judgeClock(-5_000), /^warning: the PBX's clock is 5.00 s behind ours/],
  ['clock far ahead', judgeClock(90_000), /^failed: .* 90 s ahead of ours/],
  ['requests fast', judgeRequestTimes([1, 2, 300]), /^ok: a request takes 2.0 ms \/ 300.0 ms/],
  ['requests slow', judgeRequestTimes([40, 50, 60]), 'warning'],
  ['sessions refused', judgeSessions({ opened: 4, agents: 0 }), /^failed: Asterisk took 4 of 10/],
  ['sessions taken, limit unknown', judgeSessions({ opened: 10, agents: 500 }), 'ok'],
  [
    'limit too low for the agents',
    judgeSessions({ opened: 10, limit: 100, agents: 100 }),
    /sessionlimit is 100; .* 120 are needed/,
  ],
  ['limit enough', judgeSessions({ opened: 10, limit: 120, agents: 100 }), 'ok'],
]);

const all = `res_ari res_ari_applications res_ari_asterisk res_ari_bridges res_ari_channels res_ari_events
  res_ari_playbacks res_ari_recordings res_ari_device_states res_ari_endpoints res_http_websocket res_stasis
  res_stasis_answer res_stasis_playback res_stasis_recording app_stasis bridge_simple bridge_softmix res_musiconhold`
  .split(/\s+/)
  .map((name) => ({ name: `${name}.so`, status: 'Running' }));

table('modules', [
  ['all', judgeModules(all), 'ok'],
  ['none', judgeModules([]), 'failed'],
  [
    'one loaded but not running',
    judgeModules(all.map((one) => (one.name === 'app_stasis.so' ? { ...one, status: 'Not Running' } : one))),
    /^failed: not running: app_stasis$/,
  ],
  [
    'no music',
    judgeModules(all.filter(({ name }) => name !== 'res_musiconhold.so')),
    /^warning: not running: res_musiconhold \(callers hear silence/,
  ],
]);

const own = (part: object) => ({ running: true as const, ok: true, checks: [{ name: 'ari:pbx1', ok: true, ...part }] });
table('the application', [
  ['ours', judgeApplication('rm', true, own({}), 'pbx1'), 'ok'],
  [
    'taken from us',
    judgeApplication('rm', true, own({ ok: false, code: 'ari.replaced' }), 'pbx1'),
    /^failed: another server has taken "rm"/,
  ],
  ['free, nothing runs', judgeApplication('rm', false, { running: false }, 'pbx1'), 'ok'],
  [
    'free, though ours runs',
    judgeApplication('rm', false, own({ ok: false, code: 'ari.auth_failed' }), 'pbx1'),
    /^failed: .*ari.auth_failed/,
  ],
  ['somebody else', judgeApplication('rm', true, { running: false }, 'pbx1'), 'warning'],
  ['the server here', judgeOwnServer(own({})), 'ok'],
  [
    'the server here is not well',
    judgeOwnServer(own({ ok: false, code: 'ari.half_open' })),
    /ari:pbx1 \(ari.half_open\)/,
  ],
  ['no server here', judgeOwnServer({ running: false }), 'notChecked'],
]);

const commands = (...texts: string[]) =>
  new Map(texts.map((text) => [text.split(':')[0] ?? '', parseCommand(text)] as const));
const exact = [
  'DeviceStateList: List. (Priv: call,reporting,all)',
  'CoreStatus: Show. (Priv: system,reporting,all)',
  'Park: Park. (Priv: call,all)',
  'Ping: Keepalive. (Priv: <none>)',
];
table('rights of the AMI user', [
  ['exact', judgeAmiRights({ actions: commands(...exact), bootConfirmed: true }), 'ok'],
  [
    'FullyBooted did not come',
    judgeAmiRights({ actions: commands(...exact), bootConfirmed: false }),
    /^failed: rights are missing: read = system$/,
  ],
  [
    'nothing but Ping',
    judgeAmiRights({ actions: commands('Ping: x (Priv: <none>)'), bootConfirmed: true }),
    /missing: write = call, write = reporting$/,
  ],
  [
    'more than needed',
    judgeAmiRights({
      actions: commands(...exact, 'Originate: x (Priv: originate,all)', 'Command: x (Priv: command,all)'),
      bootConfirmed: true,
    }),
    /^warning: .*write = command, originate$/,
  ],
]);

it('an action that several rights allow tells of none of them', () => {
  expect([...rightsOf(commands(...exact))]).toEqual(['call']);
  expect(parseCommand('no privileges here')).toEqual([]);
});

const line = (part: Partial<DialplanLine>): DialplanLine => ({
  context: 'entry',
  extension: '4001',
  priority: 1,
  application: 'NoOp',
  data: '',
  ...part,
});
const site = { application: 'rm', transferContext: 'out' };
const fallbackLine = line({ priority: 2 });
const out = line({ context: 'out' });
const toUs = (application: string, data: string) =>
  judgeDialplan([line({ application, data }), fallbackLine, out], site);
table('the dialplan', [
  ['Stasis', toUs('Stasis', 'rm'), /^ok: 1 lines lead here, the first entry,4001,1$/],
  ['Stasis with arguments', toUs('Stasis', 'rm,hotline'), 'ok'],
  ['Stasis of another', toUs('Stasis', 'other'), /^failed: no line leads here/],
  ['StasisBroadcast', toUs('StasisBroadcast', '2000'), 'ok'],
  ['FastAGI', toUs('AGI', 'agi://127.0.0.1/route'), 'ok'],
  ['CURL', toUs('Set', 'R=${CURL(http://127.0.0.1:8090/v1/dialplan/route?c=1)}'), 'ok'],
  ['an AGI script of the site', toUs('AGI', 'hello.sh'), 'failed'],
  [
    'the contexts that Asterisk makes itself',
    judgeDialplan([line({ context: 'stasis-rm', application: 'Stasis', data: 'rm' }), out], site),
    'failed',
  ],
  [
    'nothing follows',
    judgeDialplan([line({ application: 'Stasis', data: 'rm' }), out], site),
    /^warning: nothing follows entry,4001,1/,
  ],
  [
    'no context for transfers',
    judgeDialplan([line({ application: 'Stasis', data: 'rm' }), fallbackLine], site),
    /^warning: there is no context out/,
  ],
  [
    'both',
    judgeDialplan([line({ application: 'Stasis', data: 'rm' })], site),
    /nothing follows.*; there is no context/,
  ],
]);

const redis = { version: '7.0.15', maxmemoryBytes: 0, policy: 'noeviction', medianMs: 0.3, deadlineMs: 50 };
table('Redis and store', [
  ['fine', judgeRedis(redis), 'ok'],
  ['old', judgeRedis({ ...redis, version: '5.0.7' }), 'warning'],
  ['refuses when full', judgeRedis({ ...redis, maxmemoryBytes: 1e9 }), /^warning: a full Redis refuses writes/],
  ['evicts', judgeRedis({ ...redis, maxmemoryBytes: 1e9, policy: 'volatile-lru' }), 'ok'],
  ['far away', judgeRedis({ ...redis, medianMs: 20 }), /20.0 ms/],
  ['password', judgeRedisError(new Error('WRONGPASS invalid username-password pair')), /refused the password/],
  ['no password', judgeRedisError(new Error('NOAUTH Authentication required.')), /refused the password/],
  ['away', judgeRedisError(new Error('connect ECONNREFUSED')), /cannot be reached/],
  ['disk full', judgeDisk(1_000_000), 'failed'],
  ['disk scarce', judgeDisk(500 * 1024 ** 2), 'warning'],
  ['disk', judgeDisk(50 * 1024 ** 3), /^ok: 50.0 GiB/],
  ['PostgreSQL', judgePostgres('15.6 (Debian 15.6-0)', false), 'ok'],
  ['PostgreSQL old', judgePostgres('11.22', false), 'warning'],
  ['PostgreSQL read only', judgePostgres('15.6', true), 'failed'],
  ['CRM silent', judgeCrmError(new DOMException('timeout'), 3_000), /^failed: no answer within 3000 ms/],
]);

const day = 86_400_000;
const file = (mode: number, kind: 'config' | 'secret' | 'store') =>
  judgeFile({ path: 'f', mode: 0o100_000 + mode, kind });
table('this machine', [
  ['Node 24', judgeNode('v24.1.0'), 'ok'],
  ['Node 22', judgeNode('v22.9.0'), 'failed'],
  ['1,024 files', judgeOpenFiles(1_024), 'warning'],
  ['unlimited files', judgeOpenFiles(Number.POSITIVE_INFINITY), /^ok: unlimited/],
  ['files not told', judgeOpenFiles(undefined), 'notChecked'],
  ['quiet', judgeEventLoop(3), 'ok'],
  ['busy', judgeEventLoop(150), 'warning'],
  ['expired', judgeExpiry(0, day), /^failed: expired on 1970-01-01/],
  ['expires soon', judgeExpiry(20 * day, 0), /in 20 days/],
  ['valid', judgeExpiry(90 * day, 0), 'ok'],
  ['secret for all to read', file(0o644, 'secret'), 'warning'],
  ['secret', file(0o600, 'secret'), 'ok'],
  ['config for all to read', file(0o644, 'config'), 'ok'],
  ['config for all to write', file(0o666, 'config'), 'failed'],
  ['store for the group to write', file(0o660, 'store'), 'failed'],
]);
