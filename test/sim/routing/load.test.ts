import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ConfigError } from '../../../config/index.ts';
import { readArrivals, readDurations } from '../../../sim/routing/csv.ts';
import { parseScenario } from '../../../sim/routing/load.ts';

const small = `name: small
skills: [english]
callers:
  - id: all
    queue: line
    arrivals: { perHour: 60 }
    handling: { exponential: 3m }
agents:
  - group: team
    count: 2
    queues: [line]
queues:
  - id: line
    overflow: hangup
    cooldownMs: { busy: 7s }
`;

const folder = mkdtempSync(join(tmpdir(), 'scenario-'));
afterAll(() => rmSync(folder, { recursive: true }));
const csv = (name: string, text: string): string => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};

const read = (text: string) => parseScenario(text, join(folder, 'scenario.yaml'));

function faults(text: string): string[] {
  try {
    read(text);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ line, key, kind }) => `${line} ${key} ${kind}`);
  }
}

describe('a scenario file', () => {
  it('fills in what is left out, as the server would for a queue', () => {
    const scenario = read(small);
    expect(scenario).toMatchObject({ name: 'small', replications: 10, durationMs: 86_400_000, answerWithinMs: 20_000 });
    const [policy] = scenario.policies;
    expect(policy?.queues[0]).toMatchObject({ ringTimeoutMs: 20_000, wrapUpMs: 30_000, whenFull: { kind: 'hangup' } });
    expect(policy?.groups[0]?.agents.map(({ id }) => id)).toEqual(['team-1', 'team-2']);
  });

  it('completes policies by what stands above them', () => {
    const { policies } = read(`${small}policies:
  - name: as it is
  - name: other
    queues: [{ id: line, wrapUpMs: 0s, cooldownMs: { declined: 1s } }]
    agents: [{ group: team, count: 3 }, { group: more, queues: [line] }]
`);
    expect(policies.map(({ name }) => name)).toEqual(['as it is', 'other']);
    expect(policies[0]?.queues[0]?.wrapUpMs).toBe(30_000);
    expect(policies[1]?.queues[0]).toMatchObject({ wrapUpMs: 0, cooldownMs: { busy: 7_000, declined: 1_000 } });
    expect(policies[1]?.groups.map(({ id, agents }) => [id, agents.length])).toEqual([
      ['team', 3],
      ['more', 1],
    ]);
  });

  it('reads rules as the server does, fills them in for each caller, and gives edges to whole groups', () => {
    const { policies } = read(
      small
        .replace('overflow: hangup', 'overflow: hangup\n    requires: agent.team == caller.tier\n    vipReserve: 1')
        .replace('count: 2', 'count: 2\n    attributes: { team: gold }\n    edges: { line: { delayMs: 20s } }'),
    );
    const [policy] = policies;
    expect(policy?.queues[0]).toMatchObject({ vipReserve: 1, edges: { 'team-2': { delayMs: 20_000, weight: 1 } } });
    expect(policy?.folding?.get('line')?.requirement).toBeTypeOf('function');
    expect(policy?.groups[0]?.agents[0]).toMatchObject({ attributes: { team: 'gold' } });
  });

  it.each([
    [
      'an unknown agent',
      'overflow: hangup',
      'overflow: hangup\n    edges: { team-3: {} }',
      '15 queues[0].edges.team-3 dangling',
    ],
    [
      'a rule that does not compile',
      'overflow: hangup',
      'overflow: hangup\n    requires: agent.skills.english >',
      '15 queues[0].requires bad_form',
    ],
    [
      'a rule nobody can meet',
      'overflow: hangup',
      'overflow: hangup\n    requires: agent.skills.english > 50',
      '15 queues[0].requires contradiction',
    ],
    ['an unknown key', 'count: 2', 'count: 2\n    colour: red', '11 agents[0].colour unknown_key'],
    ['an unknown queue', 'queue: line\n    arr', 'queue: lime\n    arr', '5 callers[0].queue dangling'],
    [
      'an unknown skill',
      'queues: [line]',
      'queues: [line]\n    skills: { french: 3 }',
      '12 agents[0].skills.french dangling',
    ],
    [
      'two ways to call',
      '{ perHour: 60 }',
      '{ perHour: 60, csv: scenario.yaml }',
      '6 callers[0].arrivals.csv file_missing',
    ],
    ['no way to call', '{ perHour: 60 }', '{}', '6 callers[0].arrivals contradiction'],
    [
      'a profile that goes back',
      '{ perHour: 60 }',
      '{ profile: [{ from: "08:00", perHour: 1 }, { from: "07:00", perHour: 1 }] }',
      '6 callers[0].arrivals.profile[1].from contradiction',
    ],
    [
      'two durations',
      '{ exponential: 3m }',
      '{ exponential: 3m, constant: 1m }',
      '7 callers[0].handling contradiction',
    ],
    [
      'a shift that ends before it begins',
      'count: 2',
      'count: 2\n    shifts: [{ from: "22:00", to: "06:00" }]',
      '11 agents[0].shifts[0].to contradiction',
    ],
    [
      'shifts that overlap',
      'count: 2',
      'count: 2\n    shifts: [{ from: "08:00", to: "12:00" }, { from: "11:00", to: "13:00" }]',
      '11 agents[0].shifts[0].to contradiction',
    ],
    [
      'more than all offers failing',
      'count: 2',
      'count: 2\n    rejectShare: 0.6\n    noAnswerShare: 0.6',
      '11 agents[0].rejectShare contradiction',
    ],
    ['a warm-up without an end', 'name: small', 'name: small\nwarmUp: 1d', '2 warmUp contradiction'],
    ['a queue’s own fault', 'overflow: hangup', 'overflow: queue:nowhere', '14 queues[0].overflow dangling'],
    ['no YAML', 'name: small', 'name: [', '2 line 2 syntax'],
  ])('names line and key of %s', (_what, was, is, expected) => {
    expect(faults(small.replace(was, is))).toContain(expected);
  });

  it('names the line of a fault in a policy, and not what it took from above', () => {
    const text = `${small}policies:\n  - name: p\n    queues: [{ id: line, wrapUpMs: long }]\n`;
    expect(faults(text)).toEqual(['18 policies[0].queues[0].wrapUpMs wrong_type']);
  });
});

describe('the CSV of a real day', () => {
  it('is played call by call, for the callers it names', () => {
    const file = csv('day.csv', 'time,callers\n2026-03-02 09:30:05,b\n09:00,a\n08:00:30,b\n');
    expect(readArrivals(file, 'b', 'exact')).toEqual({ kind: 'recorded', timesMs: [28_830_000, 34_205_000] });
  });

  it('gives a rate when it counts calls, the last as long as the one before', () => {
    const file = csv('counts.csv', 'time,calls\n08:00,30\n08:30,60\n');
    expect(readArrivals(file, 'all', 'exact')).toEqual({
      kind: 'poisson',
      steps: [
        { fromMs: 28_800_000, callsPerHour: 60 },
        { fromMs: 30_600_000, callsPerHour: 120 },
        { fromMs: 32_400_000, callsPerHour: 0 },
      ],
    });
  });

  it('gives a rate for each quarter of an hour when drawn at random', () => {
    const arrivals = readArrivals(csv('calls.csv', 'time\n00:01\n00:02\n00:20\n'), 'all', 'random');
    if (arrivals.kind !== 'poisson') throw new RangeError('not random');
    expect(arrivals.steps.slice(0, 3).map(({ callsPerHour }) => callsPerHour)).toEqual([8, 4, 0]);
  });

  it('names the line that is wrong', () => {
    const file = csv('bad.csv', 'time\n08:00\n25:00\n');
    expect(() => readArrivals(file, 'all', 'exact')).toThrow(/bad\.csv:3.*25:00/);
    expect(() => readArrivals(csv('count.csv', 'time,calls\n08:00,many\n'), 'all', 'exact')).toThrow(
      /count\.csv:2.*many/,
    );
    expect(() => readDurations(csv('none.csv', 'seconds\n'))).toThrow(/rows/);
    expect(() => readDurations(join(folder, 'missing.csv'))).toThrow(/missing\.csv/);
  });

  it('gives measured durations in order', () => {
    expect(readDurations(csv('handling.csv', 'agent,seconds\na,30\nb,2.5\n'))).toEqual([2500, 30_000]);
  });
});
