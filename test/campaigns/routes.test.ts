import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endpointFor, type OutboundRoute, routeFor } from '../../src/campaigns/routes.ts';
import { attemptEnded, begin, cancel, intend, type Job } from '../../src/campaigns/job.ts';
import { progressive } from '../../src/campaigns/pacing/index.ts';
import type { DialOutcome } from '../../src/call/index.ts';
import { isEndpoint } from '../../src/ari/sanitise.ts';
import { t0 } from '../support/fake-clock.ts';
import { route } from './fixtures.ts';

const routes: readonly OutboundRoute[] = [
  route,
  { ...route, id: 'china', prefixes: ['+86'] },
  { ...route, id: 'mobile', prefixes: ['+8613', '+8615'], nodeId: 'pbx2' },
  { ...route, id: 'short', prefixes: ['95'] },
];

describe('a route', () => {
  it.each([
    ['+8613800000001', 'mobile'],
    ['+862158889999', 'china'],
    ['+442079460000', 'trunk'],
    ['95588', 'short'],
    ['8001', 'trunk'],
  ])('for %s is %s: the longest beginning decides', (number, id) => {
    expect(routeFor(routes, number)?.id).toBe(id);
  });

  it('at the PBX that is asked for, or none', () => {
    expect(routeFor(routes, '+8613800000001', ({ nodeId }) => nodeId === 'pbx1')?.id).toBe('china');
    expect(routeFor(routes.slice(1, 3), '+442079460000')).toBeUndefined();
  });

  const number = {
    canonical: '+8613800000001',
    formats: { e164: '+8613800000001', digits: '8613800000001', national: '13800000001', idd: '008613800000001' },
  };

  it.each([
    ['e164', '', 'PJSIP/+8613800000001@trunk'],
    ['digits', '', 'PJSIP/8613800000001@trunk'],
    ['national', '9', 'PJSIP/913800000001@trunk'],
    ['idd', '', 'PJSIP/008613800000001@trunk'],
  ] as const)('dials %s with "%s" before it', (format, dialPrefix, endpoint) => {
    expect(endpointFor({ ...route, format, dialPrefix }, number)).toBe(endpoint);
  });

  it('an extension has one form; a number without the form that is wanted is not dialled', () => {
    expect(endpointFor({ ...route, format: 'e164' }, { canonical: '8001', formats: {} })).toBe('PJSIP/8001@trunk');
    expect(endpointFor(route, { canonical: '+8613800000001', formats: {} })).toBeUndefined();
  });

  it('whatever a number holds, no dial string but of the allowed shape comes out', () => {
    const nasty = fc
      .array(fc.constantFrom(...Array.from('01239*#+&,/@${}\r\n;| a')), { maxLength: 40 })
      .map((c) => c.join(''));
    const local = { ...route, endpoint: 'Local/{number}@outward/n' };
    fc.assert(
      fc.property(nasty, fc.constantFrom(route, local), (text, by) => {
        const endpoint = endpointFor(by, { canonical: text, formats: { national: text } });
        expect(endpoint === undefined || (isEndpoint(endpoint) && /^[0-9*#+]+$/.test(text))).toBe(true);
      }),
    );
  });
});

describe('progressive pacing', () => {
  it('dials as many as there are idle agents without a call that looks for one', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), fc.nat(1000), (idleAgents, reserving, dialling) => {
        const count = progressive({ idleAgents, reserving, dialling });
        expect(count).toBeGreaterThanOrEqual(0);
        expect(count + reserving).toBeLessThanOrEqual(Math.max(idleAgents, reserving));
      }),
    );
  });
});

describe('a job, whatever its calls come to', () => {
  const outcomes: readonly DialOutcome[] = [
    'answered',
    'busy',
    'noAnswer',
    'failed',
    'unknown',
    'noAgent',
    'agentLeft',
    'cancelled',
    'interrupted',
    'doNotCall',
    'outsideHours',
    'unavailable',
  ];
  const rule = { attemptsMax: 2, delayMs: 1_000 };
  const job: Job = {
    id: 'job-1',
    version: 1,
    status: 'pending',
    number: '+8613800000001',
    queueId: 'sales',
    priority: 0,
    notAfterMs: t0 + 100_000,
    data: {},
    retry: { attemptsMax: 3, busy: rule, noAnswer: rule, failed: rule },
    createdBy: 'crm',
    createdAtMs: t0,
    wishHash: '',
    dueAtMs: t0,
    tries: 0,
    attempts: 0,
    counts: {},
  };
  const step = fc.record({
    outcome: fc.constantFrom(...outcomes),
    dialled: fc.boolean(),
    cancels: fc.boolean(),
    afterMs: fc.nat(60_000),
  });

  it('is finished once, never dials more than its rules allow, and its version grows', () => {
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 12 }), (steps) => {
        let now = job;
        let atMs = t0;
        for (const { outcome, dialled, cancels, afterMs } of steps) {
          if (now.status === 'finished') break;
          atMs += afterMs;
          const before = now;
          now = intend(begin(now, { callId: 'rm-1', routeId: 'trunk', startedAtMs: atMs, dialling: false }));
          expect(now.call?.dialling).toBe(true);
          if (cancels) now = cancel(now, atMs);
          now = attemptEnded(now, { outcome, dialled: dialled || outcome === 'answered' }, atMs, 500);
          expect(now.version).toBeGreaterThan(before.version);
          expect(now.call).toBeUndefined();
          expect(now.status === 'finished' || (now.dueAtMs > atMs && !cancels)).toBe(true);
        }
        expect(now.attempts).toBeLessThanOrEqual(3);
        expect(now.status === 'finished').toBe(now.outcome !== undefined);
        expect(now.status !== 'finished' || cancel(now, atMs) === now).toBe(true);
      }),
    );
  });
});
