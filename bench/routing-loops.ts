/**
 * How two common queue modules find an agent, written anew from their published behaviour and kinder to them than they
 * are: no locks, no threads, no channel variables, tables with the indexes that help. Each signature of ours is a queue
 * of theirs with its own members, as one would have to configure it.
 */
import { DatabaseSync } from 'node:sqlite';
import { seededChance } from './chance.ts';

export interface LoopQueue {
  readonly members: readonly number[];
  readonly waiting: number;
}

/**
 * app_queue: each waiting caller asks once a second whether it is its turn: counts the free members of the queue and
 * its place among those before it, and if there is somebody for it, weighs each member and rings the best.
 * Milliseconds of computing for one second of the floor.
 */
export function appQueueSecondMs(
  queues: readonly LoopQueue[],
  agentCount: number,
  freed: number,
  seed: number,
): number {
  const chance = seededChance(seed);
  const busy = new Uint8Array(agentCount).fill(1);
  const lastCallAt = Float64Array.from({ length: agentCount }, () => chance() * 300);
  const lines = queues.map(({ members, waiting }) => ({
    members: Int32Array.from(members),
    callers: Array.from({ length: waiting }, (_, position) => ({ position, pending: false })),
  }));
  for (let count = 0; count < freed; count += 1) busy[Math.floor(chance() * agentCount)] = 0;
  let served = 0;
  const startedMs = performance.now();
  for (const { members, callers } of lines) {
    let index = 0;
    while (index < callers.length) {
      if (!isItsTurn(members, callers, index, busy)) {
        index += 1;
        continue;
      }
      const best = bestMember(members, busy, lastCallAt);
      if (best < 0) {
        index += 1;
        continue;
      }
      busy[best] = 1;
      callers.splice(index, 1);
      served += 1;
    }
  }
  const tookMs = performance.now() - startedMs;
  if (served === 0) throw new Error('the loop served nobody: it measures nothing');
  return tookMs;
}

function isItsTurn(
  members: Int32Array,
  callers: readonly { pending: boolean }[],
  index: number,
  busy: Uint8Array,
): boolean {
  let available = 0;
  for (const member of members) if (busy[member] === 0) available += 1;
  let before = 0;
  for (let at = 0; before < available && at < index; at += 1) if (!callers[at]?.pending) before += 1;
  return before < available;
}

/** `leastrecent`: the member whose last call is longest ago. */
function bestMember(members: Int32Array, busy: Uint8Array, lastCallAt: Float64Array): number {
  let best = -1;
  let bestAt = Number.POSITIVE_INFINITY;
  for (const member of members) {
    if (busy[member] !== 0 || (lastCallAt[member] as number) >= bestAt) continue;
    best = member;
    bestAt = lastCallAt[member] as number;
  }
  return best;
}

/**
 * mod_callcenter: ten times a second selects all who wait by score, and for each of them selects the agents of its
 * queue who are available, in order, and looks for the first whose state is free. Milliseconds of computing for one
 * such round; it has a hundred for it.
 */
export function modCallcenterRoundMs(
  queues: readonly LoopQueue[],
  agentCount: number,
  freed: number,
  seed: number,
): number {
  const chance = seededChance(seed);
  using database = new DatabaseSync(':memory:');
  database.exec(`CREATE TABLE agents (name TEXT PRIMARY KEY, status TEXT, state TEXT, last_bridge_end INTEGER, wrap_up_time INTEGER);
    CREATE TABLE tiers (queue TEXT, agent TEXT, state TEXT, level INTEGER, position INTEGER);
    CREATE TABLE members (queue TEXT, uuid TEXT PRIMARY KEY, state TEXT, joined_epoch INTEGER, base_score INTEGER);
    CREATE INDEX tiers_of_queue ON tiers (queue, agent);
    BEGIN`);
  const addAgent = database.prepare("INSERT INTO agents VALUES (?, 'Available', ?, ?, 10)");
  for (let agent = 0; agent < agentCount; agent += 1) {
    const isFree = chance() < freed / agentCount;
    addAgent.run(`agent-${agent}`, isFree ? 'Waiting' : 'In a queue call', Math.floor(chance() * 300));
  }
  const addTier = database.prepare("INSERT INTO tiers VALUES (?, ?, 'Ready', 1, 1)");
  const addMember = database.prepare("INSERT INTO members VALUES (?, ?, 'Waiting', ?, 0)");
  queues.forEach(({ members, waiting }, queue) => {
    for (const member of members) addTier.run(`queue-${queue}`, `agent-${member}`);
    for (let call = 0; call < waiting; call += 1) {
      addMember.run(`queue-${queue}`, `${queue}-${call}`, Math.floor(chance() * 3_000));
    }
  });
  database.exec('COMMIT');
  const waiting = database.prepare(`SELECT queue, uuid, (3000 - joined_epoch) + base_score AS score FROM members
    WHERE state = 'Waiting' ORDER BY score DESC`);
  const agents = database.prepare(`SELECT agents.name, agents.state, agents.last_bridge_end, agents.wrap_up_time
    FROM agents LEFT JOIN tiers ON (agents.name = tiers.agent) WHERE tiers.queue = ? AND agents.status = 'Available'
    ORDER BY tiers.level, agents.last_bridge_end, tiers.position`);
  const take = database.prepare("UPDATE agents SET state = 'Receiving' WHERE name = ?");
  const leave = database.prepare("UPDATE members SET state = 'Trying' WHERE uuid = ?");
  let served = 0;
  const startedMs = performance.now();
  for (const { queue, uuid } of waiting.all()) {
    for (const { name, state } of agents.iterate(queue as string)) {
      if (state !== 'Waiting') continue;
      take.run(name as string);
      leave.run(uuid as string);
      served += 1;
      break;
    }
  }
  const tookMs = performance.now() - startedMs;
  if (served === 0) throw new Error('the round served nobody: it measures nothing');
  return tookMs;
}
