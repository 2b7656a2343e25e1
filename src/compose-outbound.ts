import { readFileSync } from 'node:fs';
import type { Config } from '../config/index.ts';
import { OutboundDoor, type Switchboard } from './bridge/index.ts';
import type { OutboundPort } from './bridge/ports.ts';
import { asHours, type Schedule } from './calendar/index.ts';
import {
  CallbackDesk,
  ClickToDial,
  Compliance,
  Dialler,
  EventJobLog,
  isShowable,
  JobDesk,
  OutboundFront,
  progressive,
} from './campaigns/index.ts';
import type { DoNotCallStore, Hours, JobStore, NumberReader } from './campaigns/ports.ts';
import { type Directory, type NumberPlan, readDialNumber, readNumberFile } from './crm/index.ts';
import type { EventLog } from './events/index.ts';
import { AppError, type Clock, defineErrors, errorText, type Logger } from './kernel/index.ts';
import { callIdPrefix } from './call/index.ts';

const errors = defineErrors('outbound', {
  list_unusable: [500, 'The do-not-call file cannot be used', 'Mend the CSV file at the line that the message names.'],
});

const listLimits = { bytesMax: 64 * 1024 * 1024, rowsMax: 2_000_000 };

interface Parts {
  readonly board: () => Switchboard;
  readonly log: EventLog;
  readonly jobs: JobStore;
  readonly doNotCall: DoNotCallStore;
  readonly directory: Directory;
  readonly plan: NumberPlan;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly newId: () => string;
  /** The number that a phone token stands for; undefined when it is not valid. */
  readonly openToken: (phoneToken: string) => string | undefined;
}

export interface Outbound {
  readonly front: OutboundFront;
  /** For the switchboard: asks before a customer is dialled, and is told what came of it. */
  readonly port: OutboundPort;
  /** Before the switchboard starts. */
  load(): Promise<void>;
  /** After it has. */
  start(): void;
  stop(): void;
  /** Numbers may be dialled in these hours from now on. */
  useSchedules(schedules: readonly Schedule[]): void;
}

/** Calling out, for a config with routes. */
export async function composeOutbound(config: Config, parts: Parts): Promise<Outbound> {
  const { outbound } = config;
  const { clock, logger, newId, plan, doNotCall, jobs } = parts;
  const door = new OutboundDoor(parts.board);
  const routes = outbound.routes.map(({ node, ...route }) => ({ ...route, nodeId: node }));
  const entryNumbers = { get: (entryId: string) => shownOf(door.entryNumber(entryId)) };
  let hours = hoursOf(config, config.schedules);
  const readNumber: NumberReader = (text) => readDialNumber(text, plan);
  const listed = await readList(outbound.doNotCall.csv, plan);
  const compliance = new Compliance(doNotCall, clock, {
    listed,
    hoursOf: (region) => hours(region),
    deadlineMs: outbound.saveDeadlineMs,
  });
  const newCallId = (): string => `${callIdPrefix}${newId()}`;
  const shared = { routes, entryNumbers, ringTimeoutMs: outbound.ringTimeoutMs, newCallId };
  const click = new ClickToDial(door, compliance, clock, {
    ...shared,
    agentHeaders: outbound.clickToDial.agentHeaders,
    keepsHours: outbound.clickToDial.callingHours,
  });
  const log = new EventJobLog(parts.log, clock);
  const dialler = new Dialler(
    { board: door, store: jobs, log, compliance, readNumber, clock, logger },
    { ...outbound, ...shared, pacing: progressive },
  );
  const desk = new JobDesk(
    { board: door, store: jobs, keeper: dialler, compliance, clock },
    { ...outbound, routes, entryNumbers, bounds: outbound.retryBounds, newId },
  );
  const terms = { get: (queueId: string, callId?: string) => door.callbackTerms(queueId, callId) };
  const callbacks = new CallbackDesk({ desk, store: jobs, readNumber, terms });
  const numberOf = (customerId: string) => parts.directory.numberOf(config.tenant, customerId);
  return {
    front: new OutboundFront({
      click,
      desk,
      callbacks,
      doNotCall,
      clock,
      readNumber,
      numberOf,
      openToken: parts.openToken,
    }),
    port: {
      clear: (call, settle) => void (call.byAgent ? click.clear(call, settle) : dialler.clear(call, settle)),
      ended: (callId, outcome, dialled) => dialler.ended(callId, outcome, dialled),
      requestCallback: (wish, settle) => void callbacks.ask(wish).then(settle),
      cancelCallback: (callbackId) => void dialler.cancel(callbackId).catch(() => undefined),
    },
    load: () => dialler.load(),
    start: () => dialler.start(),
    stop: () => dialler.stop(),
    useSchedules: (schedules) => {
      hours = hoursOf(config, schedules);
    },
  };
}

/** Empty: an entry that is there, whose number is none that a phone could show. */
const shownOf = (number: string | undefined): string | undefined =>
  number === undefined || isShowable(number) ? number : '';

/** The hours of a country, or those of all others; undefined where nobody may be called. */
function hoursOf({ outbound }: Config, schedules: readonly Schedule[]): (region: string) => Hours | undefined {
  const byId = new Map(schedules.map((schedule) => [schedule.id, schedule]));
  const byRegion = new Map<string, Hours>();
  for (const { regions, schedule } of outbound.callingHours) {
    const found = byId.get(schedule);
    if (found) for (const region of regions) byRegion.set(region, asHours(found));
  }
  return (region) => byRegion.get(region) ?? byRegion.get('*');
}

async function readList(file: string | undefined, plan: NumberPlan): Promise<ReadonlySet<string>> {
  if (file === undefined) return new Set();
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new AppError(errors.list_unusable, errorText(cause), { cause });
  }
  const outcome = await readNumberFile(text, plan, listLimits);
  if (outcome.kind === 'numbers') return outcome.numbers;
  const lines = outcome.problems.map(({ line, message }) => `${file}:${line}: ${message}`);
  throw new AppError(errors.list_unusable, lines.join('\n'));
}
