import type { Target } from '../src/call/index.ts';
import { nearest } from '../src/kernel/index.ts';
import { grantOf, keySecretPattern, scopeNames } from '../src/security/index.ts';
import { attributesOf, checkQueueRules, checkRouting } from './check-rules.ts';
import { checkWayIn } from './entries.ts';
import { checkCluster } from './cluster.ts';
import { checkFlows } from './flow-check.ts';
import { checkMirror } from './mirror.ts';
import { checkOutbound } from './outbound.ts';
import { checkQueueHours } from './queue-hours.ts';
import { checkPhones } from './phones.ts';
import type { Problems } from './problems.ts';
import { checkPrompts } from './prompts.ts';
import { checkSchedules } from './schedules.ts';
import type { ConfigFileData } from './schema.ts';
import { checkTickets } from './tickets.ts';
import { checkVoicemails } from './voicemails.ts';
import { checkWaiting } from './waiting.ts';

/** Checks what one key alone cannot tell: names that must exist elsewhere, names given twice, rules that contradict. */
export function checkReferences(data: ConfigFileData, problems: Problems): void {
  const known = {
    queue: names(data.queues),
    agent: names(data.agents),
    node: names(data.pbx.nodes),
    skill: new Set(data.skills),
    schedule: names(data.schedules),
    flow: names(data.flows),
    check: names(data.checks),
    entry: names(data.numbers),
    attribute: new Set(data.agents.flatMap((agent) => Object.keys(attributesOf(agent)))),
    voicemail: names(data.voicemails),
  };
  const refer = (what: keyof typeof known, name: string, key: string) => {
    if (known[what].has(name)) return;
    const near = nearest(name, [...known[what]]);
    const mend = near === undefined ? `Add ${what} "${name}", or name another.` : `Did you mean "${near}"?`;
    problems.report('dangling', key, `there is no ${what} "${name}"`, mend);
  };
  const sentTo = new Set<string>();
  const referCallback = (queueId: string, key: string) => {
    sentTo.add(queueId);
    refer('queue', queueId, key);
    const queue = data.queues.find(({ id }) => id === queueId);
    if (!queue || queue.callback) return;
    const mend = `Add callback to queue "${queueId}", or name a queue that has it.`;
    problems.report('contradiction', key, `queue "${queueId}" calls nobody back`, mend);
  };
  const referTarget = (target: Target | undefined, key: string) => {
    if (target?.kind === 'queue') refer('queue', target.queueId, key);
    if (target?.kind === 'agent') refer('agent', target.agentId, key);
    if (target?.kind === 'voicemail') refer('voicemail', target.boxId, key);
    if (target?.kind === 'callback') referCallback(target.queueId, key);
  };
  const referSkills = (levels: Readonly<Record<string, number>>, key: string) => {
    for (const skill of Object.keys(levels)) refer('skill', skill, `${key}.${skill}`);
  };

  checkTwice(data, problems);
  checkSchedules(data.schedules, problems);
  data.numbers.forEach((entry, index) => {
    const key = `numbers[${index}]`;
    refer('queue', entry.queue, `${key}.queue`);
    referSkills(entry.needs, `${key}.needs`);
    referTarget(entry.blacklisted, `${key}.blacklisted`);
    checkFallback(entry.fallback, `${key}.fallback`, problems);
    checkWayIn(entry, key, { refer, referTarget }, problems);
  });
  const checks = { refer, referTarget, referSkills, problems };
  const ruled = data.agents.map((agent) => ({ ...agent, attributes: attributesOf(agent) }));
  checkVoicemails(data.voicemails, data.queues, { refer, problems });
  checkPrompts(data, data.prompts, problems);
  checkFlows(data.flows, { refer, referTarget, problems });
  checkRouting(data.routing, checks);
  data.queues.forEach((queue, index) => {
    const key = `queues[${index}]`;
    referSkills(queue.needs, `${key}.needs`);
    referTarget(queue.overflow, `${key}.overflow`);
    referTarget(queue.whenFull, `${key}.whenFull`);
    checkQueueRules(queue, key, ruled, checks);
  });
  checkQueueHours(data.queues, checks);
  data.queues.forEach((queue, index) => {
    const ways = { canCallOut: data.outbound.routes.length > 0, isSentTo: sentTo.has(queue.id) };
    checkWaiting(queue, `queues[${index}]`, ways, problems);
  });
  checkFullCycles(data, problems);
  data.agents.forEach((agent, index) => {
    const key = `agents[${index}]`;
    referSkills(agent.skills, `${key}.skills`);
    agent.queues.forEach((queue, at) => refer('queue', queue, `${key}.queues[${at}]`));
    if (agent.node !== undefined) refer('node', agent.node, `${key}.node`);
    else checkAtHome(data, key, problems);
  });
  checkOutbound(data.outbound, refer, problems);
  data.apiKeys.forEach((apiKey, index) => checkApiKey(apiKey, `apiKeys[${index}]`, refer, problems));
  checkLookup(data.lookup, problems);
  checkCluster(data, problems);
  if (data.tickets) checkTickets(data.tickets, { refer, problems });
  if (data.mirror) checkMirror(data.mirror, data.pbx.nodes, known.queue, refer, problems);
  checkFastAgi(data.dialplan.fastAgi, problems);
}

const names = (items: readonly { readonly id: string }[]): ReadonlySet<string> => new Set(items.map((item) => item.id));

function checkTwice(data: ConfigFileData, problems: Problems): void {
  const once = (list: string, field: string, values: readonly string[], mend: string) => {
    const first = new Map<string, number>();
    values.forEach((value, index) => {
      const before = first.get(value);
      if (before === undefined) return first.set(value, index);
      const key = `${list}[${index}]${field}`;
      return problems.report('duplicate', key, `"${value}" is already taken by ${list}[${before}]`, mend);
    });
  };
  const ids = (list: string, items: readonly { readonly id: string }[]) =>
    once(
      list,
      '.id',
      items.map((item) => item.id),
      'Give each its own id.',
    );
  ids('pbx.nodes', data.pbx.nodes);
  ids('numbers', data.numbers);
  ids('schedules', data.schedules);
  ids('flows', data.flows);
  ids('voicemails', data.voicemails);
  ids('checks', data.checks);
  ids('queues', data.queues);
  ids('agents', data.agents);
  ids('pauses.reasons', data.pauses.reasons);
  ids('dispositions.codes', data.dispositions.codes);
  ids('apiKeys', data.apiKeys);
  ids('outbound.routes', data.outbound.routes);
  ids('crm.adapters', data.crm.adapters);
  ids('routing.rules', data.routing.rules);
  ids('tickets.desks', data.tickets?.desks ?? []);
  ids('tickets.rules', data.tickets?.rules ?? []);
  once('skills', '', data.skills, 'Name each skill once.');
  once(
    'numbers',
    '.number',
    data.numbers.map((entry) => entry.number),
    'One number has one entry; remove the other.',
  );
  checkPhones(data.agents, problems);
}

/** Whoever reaches the port may otherwise ask who calls, and keep agents busy. */
function checkFastAgi(fastAgi: ConfigFileData['dialplan']['fastAgi'], problems: Problems): void {
  if (!fastAgi || fastAgi.secret !== undefined || /^(127\.|::1$|localhost$)/.test(fastAgi.host)) return;
  const mend = 'Add secret: ${env:NAME}, or listen on 127.0.0.1.';
  problems.report('missing', 'dialplan.fastAgi.secret', 'beyond loopback FastAGI needs a secret', mend);
}

/** A server that shuts down has no queue or agent to send anybody to. */
function checkFallback({ kind }: Target, key: string, problems: Problems): void {
  if (kind === 'number' || kind === 'dialplan' || kind === 'hangup') return;
  const mend = 'Use dialplan:CONTEXT,EXTENSION,PRIORITY, number:DIGITS or hangup.';
  problems.report(
    'contradiction',
    key,
    'a fallback must lead outside, for it serves when queues and agents do not',
    mend,
  );
}

/** A phone is registered at one PBX; with several, an agent without a node would be rung where the phone is not. */
function checkAtHome({ pbx }: ConfigFileData, key: string, problems: Problems): void {
  if (pbx.nodes.length === 1) return;
  const mend = `Add node: ${pbx.nodes.map(({ id }) => id).join(' or ')}.`;
  problems.report('missing', `${key}.node`, 'with several PBX nodes an agent must name the one of its phone', mend);
}

/** A call that finds a queue full moves at once; a ring of full queues would pass it round for ever. */
function checkFullCycles({ queues }: ConfigFileData, problems: Problems): void {
  const next = new Map(
    queues.map((queue) => {
      const target = queue.whenFull ?? queue.overflow;
      return [queue.id, target.kind === 'queue' ? target.queueId : undefined] as const;
    }),
  );
  queues.forEach((queue, index) => {
    const seen = new Set<string>();
    for (let at = next.get(queue.id); at !== undefined && !seen.has(at); at = next.get(at)) seen.add(at);
    if (!seen.has(queue.id)) return;
    const field = queue.whenFull === undefined ? 'overflow' : 'whenFull';
    const mend = 'Let one queue of the ring send calls to an agent, a number, the dialplan or hangup when full.';
    problems.report(
      'contradiction',
      `queues[${index}].${field}`,
      'full queues would pass a call round in a ring',
      mend,
    );
  });
}

function checkApiKey(
  { hash, secret, kind, agent, scopes }: ConfigFileData['apiKeys'][number],
  key: string,
  refer: (what: 'agent', name: string, key: string) => void,
  problems: Problems,
): void {
  if ((hash === undefined) === (secret === undefined)) {
    problems.report(
      'contradiction',
      key,
      'a key needs either hash or secret',
      'Give one of them; "key create" prints a hash.',
    );
  }
  if (secret !== undefined && !keySecretPattern.test(secret.reveal())) {
    const mend = 'Use 32 to 128 random letters, digits, "-" and "_"; "key create" makes one.';
    problems.report('bad_form', `${key}.secret`, 'the secret is too short or has other characters', mend);
  }
  scopes.forEach((scope, index) => {
    // A word that is no scope has been reported at its place.
    if (!scopeNames.includes(scope) || grantOf(kind, scope) !== undefined) return;
    const mend = 'Remove it, or give the key another kind; docs/security.md has the table.';
    problems.report('contradiction', `${key}.scopes[${index}]`, `a key of kind ${kind} never holds ${scope}`, mend);
  });
  if (agent !== undefined) refer('agent', agent, `${key}.agent`);
  if ((kind === 'agent') !== (agent !== undefined)) {
    const mend = kind === 'agent' ? 'Add agent: ID.' : 'Remove agent, or set kind: agent.';
    problems.report('contradiction', `${key}.kind`, 'agent goes with kind: agent and only with it', mend);
  }
}

function checkLookup(lookup: ConfigFileData['lookup'], problems: Problems): void {
  if (lookup.hitStaleMs < lookup.hitFreshMs) {
    const mend = 'Make hitStaleMs at least as long as hitFreshMs.';
    problems.report('contradiction', 'lookup.hitStaleMs', 'data would be thrown away while still fresh', mend);
  }
  if (lookup.crmTimeoutMs < lookup.deadlineMs) {
    const mend = 'Make crmTimeoutMs at least as long as deadlineMs.';
    problems.report(
      'contradiction',
      'lookup.crmTimeoutMs',
      'the CRM would be cut off before the caller stops waiting',
      mend,
    );
  }
}
