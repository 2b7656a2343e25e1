import { describe, expect, it } from 'vitest';
import type { PbxPort } from '../../src/bridge/ports.ts';
import type { PbxFact } from '../../src/call/index.ts';
import { Authority, guardedPbx } from '../../src/cluster/authority.ts';
import { ManualClock } from '../events/support.ts';

const done = { ok: true } as const;

function authority() {
  const clock = new ManualClock();
  const startMs = clock.nowMs();
  let doubts = 0;
  const held = new Authority(clock, () => {
    doubts += 1;
  });
  /** Sure until so long after the start; proven for as long unless said otherwise. */
  const confirm = (sureMs: number, provenMs = sureMs) =>
    held.confirm({ sureUntilMs: startMs + sureMs, provenUntilMs: startMs + provenMs });
  return { clock, held, confirm, doubts: () => doubts };
}

describe('the right to speak to the PBX', () => {
  it('lets commands through while sure, keeps them in order while not, and asks', async () => {
    const { clock, held, confirm, doubts } = authority();
    const sent: string[] = [];
    const pass = (name: string) =>
      held.pass(async () => {
        sent.push(name);
        return done;
      });
    confirm(100);
    expect(held.stands()).toBe(true);
    expect(await pass('a')).toEqual(done);
    clock.advance(100);
    const waiting = [pass('b'), pass('c')];
    expect([held.stands(), sent, doubts()]).toEqual([false, ['a'], 3]);
    confirm(300);
    expect(await Promise.all(waiting)).toEqual([done, done]);
    expect(sent).toEqual(['a', 'b', 'c']);
  });

  it('refuses what waited for too long, and drops everything when it is over', async () => {
    const { clock, held, confirm, doubts } = authority();
    const late = held.pass(async () => done);
    clock.advance(1_600);
    confirm(5_000);
    expect(await late).toEqual({ ok: false, failure: 'unavailable' });
    held.close();
    let answered = false;
    void held.pass(async () => done).then(() => (answered = true));
    await new Promise(setImmediate);
    expect([answered, held.stands(), held.mayConnect(clock.nowMs()), doubts()]).toEqual([false, false, false, 1]);
  });

  it('goes to the PBX only when Redis or PostgreSQL say so', () => {
    const { clock, held, confirm } = authority();
    const never = Number.NEGATIVE_INFINITY;
    expect(held.mayConnect(never)).toBe(false);
    confirm(1_000);
    expect(held.mayConnect(never)).toBe(true);
    clock.advance(1_000);
    confirm(60_000, 1_000);
    expect([held.stands(), held.mayConnect(never)]).toEqual([true, false]);
  });

  it('goes without either to a PBX that it heard of long after both fell silent, and never when cut off from all', () => {
    const { clock, held, confirm } = authority();
    const heardAt = (ms: number) => clock.nowMs() - 40_000 + ms;
    confirm(1_000);
    clock.advance(40_000);
    confirm(60_000, 1_000);
    // As long as it takes to find that a link is dead.
    expect([900, 1_000, 10_999].map((ms) => held.mayConnect(heardAt(ms)))).toEqual([false, false, false]);
    expect(held.mayConnect(heardAt(11_000))).toBe(true);
    clock.advance(60_000);
    expect(held.mayConnect(clock.nowMs())).toBe(false);
  });
});

it('call control of an owner that is none any more neither starts nor hears anything', () => {
  const { held } = authority();
  let starts = 0;
  let tell: (fact: PbxFact) => void = () => undefined;
  const port = {
    nodeId: 'n1',
    start: () => {
      starts += 1;
    },
    onFact: (listener: (fact: PbxFact) => void) => {
      tell = listener;
    },
  } as Partial<PbxPort> as PbxPort;
  const facts: PbxFact[] = [];
  const fact = { kind: 'bridgeEnded', bridgeId: 'b', nodeId: 'n1', atMs: 1 } as const;
  const guarded = guardedPbx(port, held);
  guarded.onFact((news) => facts.push(news));
  guarded.start();
  tell(fact);
  held.close();
  guarded.start();
  tell(fact);
  expect([starts, facts]).toEqual([1, [fact]]);
});
