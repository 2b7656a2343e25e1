import type { LegSnapshot, PbxSnapshot } from '../call/index.ts';
import type { AriError } from './errors.ts';
import type { Bridge, Channel } from './generated/models.ts';
import { DIALLED_MARK, isAnswered } from './legs.ts';
import type { AriLink } from './ports.ts';
import { cleanArgs, cleanText } from './sanitise.ts';

/** How many legs are asked after at once: below the link's limit of pending requests. */
const LEGS_AT_ONCE = 100;

export interface LegRecord {
  readonly snapshot: LegSnapshot;
  /** We dialled it; it is not a caller. */
  readonly dialled: boolean;
  /** It is in our application; one that we dialled is so from its answer on. */
  readonly entered: boolean;
}

export interface PbxRecord {
  readonly legs: readonly LegRecord[];
  readonly bridges: PbxSnapshot['bridges'];
}

/**
 * Reads what the PBX holds of our application: legs that are in it now, each confirmed by asking the live channel for
 * a value (lists can show channels that have long ended, asterisk#783), with our variables; and the bridges they are in.
 */
export async function readSnapshot(
  link: AriLink,
  variableNames: readonly string[],
  deadlineMs: number,
): Promise<PbxRecord | AriError> {
  const [application, channels, bridges] = await Promise.all([
    link.request('applications.get', { applicationName: link.app }, { deadlineMs }),
    link.request('channels.list', {}, { deadlineMs }),
    link.request('bridges.list', {}, { deadlineMs }),
  ]);
  if (!application.ok) return application.error;
  if (!channels.ok) return channels.error;
  if (!bridges.ok) return bridges.error;
  const subscribed = new Set(application.body.channel_ids);
  const ours = channels.body.filter((channel) => subscribed.has(channel.id) && isInApp(channel, link.app));
  const bridgeOf = new Map(
    bridges.body.flatMap(({ id, channels: members }) => members.map((leg) => [leg, id] as const)),
  );
  const legs: LegRecord[] = [];
  for (let first = 0; first < ours.length; first += LEGS_AT_ONCE) {
    const some = ours.slice(first, first + LEGS_AT_ONCE);
    const records = await Promise.all(
      some.map((channel) => readLeg(link, channel, bridgeOf.get(channel.id), variableNames, deadlineMs)),
    );
    legs.push(...records.filter((record) => record !== undefined));
  }
  const bridgeIds = new Set(application.body.bridge_ids);
  return { legs, bridges: bridges.body.filter((bridge) => isOurs(bridge, link.app, bridgeIds, legs)).map(toBridge) };
}

/** What Asterisk says a leg runs that was originated and has not been answered. */
const OUTGOING = 'AppDial2';
/** And one that we have claimed: `StasisBroadcast(timeout,regex,arg,…)` names no application. */
const BROADCAST = 'StasisBroadcast';

/** A channel that we sent on stays subscribed until it ends, but is the dialplan's. Old versions do not tell: taken as ours. */
function isInApp({ dialplan }: Channel, app: string): boolean {
  const { app_name: runs, app_data: data = '' } = dialplan;
  if (runs === undefined || runs === OUTGOING || runs === BROADCAST) return true;
  return runs === 'Stasis' && data.split(',')[0] === app;
}

/** What the dialplan said beside the application; of a leg that we dialled nothing of interest. */
function argsOf({ dialplan }: Channel): readonly string[] {
  const [, ...args] = (dialplan.app_data ?? '').split(',');
  return cleanArgs(dialplan.app_name === BROADCAST ? args.slice(1) : args);
}

/**
 * A bridge is subscribed to when the first of our legs enters it; one that was made and then lost its server is known
 * by the name that we give to bridges, which is the application's.
 */
const isOurs = (bridge: Bridge, app: string, subscribed: ReadonlySet<string>, legs: readonly LegRecord[]): boolean =>
  bridge.name === app || subscribed.has(bridge.id) || legs.some(({ snapshot }) => snapshot.bridgeId === bridge.id);

function toBridge({ id, channels }: Bridge): PbxSnapshot['bridges'][number] {
  return { bridgeId: id, legIds: channels };
}

async function readLeg(
  link: AriLink,
  channel: Channel,
  bridgeId: string | undefined,
  variableNames: readonly string[],
  deadlineMs: number,
): Promise<LegRecord | undefined> {
  const ask = (variable: string) =>
    link.request('channels.getChannelVar', { channelId: channel.id, variable }, { deadlineMs });
  const [alive, ...answers] = await Promise.all([ask('CHANNEL(state)'), ...variableNames.map(ask)]);
  // Only a clear "no such channel" makes it a ghost: one that we could not ask after is better kept than dropped.
  if (!alive.ok && alive.error.pbxStatus === 404) return undefined;
  const values = answers.map(
    (answer, index) => [variableNames[index] ?? '', answer.ok ? answer.body.value : ''] as const,
  );
  const dialled = wasDialled(channel);
  const args = dialled ? [] : argsOf(channel);
  const snapshot: LegSnapshot = {
    legId: channel.id,
    // A leg that is up but has not entered yet will be told as answered when it does.
    answered: channel.dialplan.app_name !== OUTGOING && (alive.ok ? alive.body.value === 'Up' : isAnswered(channel)),
    callerNumber: cleanText(channel.caller.number, 128),
    callerName: cleanText(channel.caller.name, 128),
    dialledNumber: cleanText(channel.dialplan.exten, 128),
    ...(args.length > 0 ? { args } : {}),
    ...(channel.language ? { language: cleanText(channel.language, 32) } : {}),
    ...(bridgeId === undefined ? {} : { bridgeId }),
    variables: Object.fromEntries(values.filter(([, value]) => value !== '')),
  };
  return { snapshot, dialled, entered: channel.dialplan.app_name !== OUTGOING };
}

const wasDialled = ({ dialplan }: Channel): boolean =>
  dialplan.app_name === OUTGOING || (dialplan.app_data ?? '').split(',')[1] === DIALLED_MARK;
