import type { CommandFailure, PbxCommand } from '../call/index.ts';
import { AriError, ariErrors } from './errors.ts';
import type { OperationName } from './generated/operations.ts';
import { DIALLED_MARK } from './legs.ts';
import type { AriLink, AriParams, AriResponse } from './ports.ts';
import {
  cleanCallerName,
  cleanNumber,
  isDialplanName,
  isEndpoint,
  isHeaderName,
  isHeaderValue,
  isId,
  isFormat,
  isKeys,
  isMedia,
  isVariableName,
  isVariableValue,
} from './sanitise.ts';

/** One request of a command; `gone` are the statuses that mean that what it is about has gone. */
export interface Step {
  readonly operation: OperationName;
  readonly gone: readonly number[];
  /** Statuses that mean that it has been done before. */
  readonly done?: readonly number[];
  /** Statuses that mean that it is too early for it: asked again for as long as a request may take. */
  readonly early?: readonly number[];
  run(link: AriLink, deadlineMs: number): Promise<AriResponse<unknown>>;
}

/** What a command asks of ARI: requests that may follow one another without waiting; or a dial, which makes a leg. */
export type Plan =
  | { readonly kind: 'steps'; readonly steps: readonly Step[] }
  | { readonly kind: 'dial'; readonly legId: string; readonly originate: Step };

/** 404: no such thing. 409: it is not in our application any more. */
const GONE = [404, 409];

function step<Name extends OperationName>(
  operation: Name,
  params: AriParams<Name>,
  gone: readonly number[] = GONE,
): Step {
  return { operation, gone, run: (link, deadlineMs) => link.request(operation, params, { deadlineMs }) };
}

/** A recording of a name that is ours alone runs already when the name is taken (409): a server asked before it died. */
function planRecord({ bridgeId, recordingId, format, lengthMaxMs }: PbxCommand & { kind: 'record' }): Plan | AriError {
  if (!isFormat(format)) return bad('record: format');
  const params = {
    bridgeId,
    name: recordingId,
    format,
    maxDurationSeconds: Math.max(1, Math.ceil(lengthMaxMs / 1000)),
    ifExists: 'fail',
  } as const;
  return steps({ ...step('bridges.record', params, [404]), done: [409] });
}

/** The name is new, so nothing of that name runs; the channel must be with us and in no bridge. */
function planRecordLeg(command: PbxCommand & { kind: 'recordLeg' }): Plan | AriError {
  const { legId, recordingId, format, lengthMaxMs, silenceMaxMs } = command;
  if (!isFormat(format)) return bad('recordLeg: format');
  const params = {
    channelId: legId,
    name: recordingId,
    format,
    maxDurationSeconds: Math.max(1, Math.ceil(lengthMaxMs / 1000)),
    maxSilenceSeconds: Math.max(1, Math.ceil(silenceMaxMs / 1000)),
    ifExists: 'fail',
    terminateOn: '#',
  } as const;
  return steps(step('channels.record', params));
}

/** A recording is silenced only while it runs (409): Asterisk answers `record` before it has begun. */
const tuneRecording = (operation: 'recordings.mute' | 'recordings.unmute', recordingName: string): Plan =>
  steps({ ...step(operation, { recordingName }), early: [409] });

const steps = (...list: Step[]): Plan => ({ kind: 'steps', steps: list });
const bad = (what: string): AriError => new AriError(ariErrors.bad_command, what);

/** Turns a command into requests. An `AriError` when it asks for something that is not allowed. */
export function planCommand(command: PbxCommand, app: string): Plan | AriError {
  if (!idsOf(command).every(isId)) return bad(`${command.kind}: id`);
  switch (command.kind) {
    case 'answer':
      return steps(step('channels.answer', { channelId: command.legId }));
    case 'ring':
      return steps(step('channels.ring', { channelId: command.legId }));
    case 'stopRing':
      return steps(step('channels.ringStop', { channelId: command.legId }));
    case 'mute':
      return steps(step('channels.mute', { channelId: command.legId, direction: 'in' }));
    case 'unmute':
      return steps(step('channels.unmute', { channelId: command.legId, direction: 'in' }));
    case 'sendKeys':
      if (!isKeys(command.digits)) return bad('sendKeys: digits');
      return steps(step('channels.sendDTMF', { channelId: command.legId, dtmf: command.digits }));
    case 'play':
      return planPlay(command);
    case 'playToBridge': {
      const { bridgeId, playbackId, media } = command;
      if (media.length === 0 || !media.every(isMedia)) return bad('playToBridge: media');
      return steps(step('bridges.playWithId', { bridgeId, playbackId, media }));
    }
    case 'record':
      return planRecord(command);
    case 'recordLeg':
      return planRecordLeg(command);
    case 'muteRecording':
      return tuneRecording('recordings.mute', command.recordingId);
    case 'unmuteRecording':
      return tuneRecording('recordings.unmute', command.recordingId);
    case 'stopRecording':
      return steps(step('recordings.stop', { recordingName: command.recordingId }));
    case 'stopPlayback':
      return steps(step('playbacks.stop', { playbackId: command.playbackId }));
    case 'startMusic':
      if (!isDialplanName(command.musicClass)) return bad('startMusic: class');
      return steps(step('channels.startMoh', { channelId: command.legId, mohClass: command.musicClass }));
    case 'stopMusic':
      return steps(step('channels.stopMoh', { channelId: command.legId }));
    case 'dial':
      return planDial(command, app);
    case 'createBridge':
      return planBridge(command.bridgeId, app);
    case 'join':
      return planJoin(command);
    case 'separate':
      return steps(
        step('bridges.removeChannel', { bridgeId: command.bridgeId, channel: [command.legId] }, [400, 404, 409, 422]),
      );
    case 'destroyBridge':
      return steps(step('bridges.destroy', { bridgeId: command.bridgeId }));
    case 'setVariables':
      return planVariables(command);
    case 'leave':
      if (!isDialplanName(command.context) || !isDialplanName(command.extension)) return bad('leave: target');
      return steps(
        step('channels.continueInDialplan', {
          channelId: command.legId,
          context: command.context,
          extension: command.extension,
          priority: command.priority,
        }),
      );
    case 'hangup':
      return steps(step('channels.hangup', { channelId: command.legId, reason: command.reason }));
  }
}

/** The name tells whose an empty bridge is, should its server die before anybody is joined in it. */
const planBridge = (bridgeId: string, app: string): Plan =>
  steps(step('bridges.createWithId', { bridgeId, type: 'mixing,dtmf_events', name: app }, [404]));

function idsOf(command: PbxCommand): readonly string[] {
  const { legId, bridgeId, playbackId, recordingId, legIds, originatorLegId } = command as {
    readonly recordingId?: string;
    readonly legId?: string;
    readonly bridgeId?: string;
    readonly playbackId?: string;
    readonly legIds?: readonly string[];
    readonly originatorLegId?: string;
  };
  return [legId, bridgeId, playbackId, recordingId, originatorLegId, ...(legIds ?? [])].filter(
    (id) => id !== undefined,
  );
}

function planPlay({ legId, playbackId, media, language }: PbxCommand & { kind: 'play' }): Plan | AriError {
  if (media.length === 0 || !media.every(isMedia)) return bad('play: media');
  if (language !== undefined && !isDialplanName(language)) return bad('play: language');
  const lang = language === undefined ? {} : { lang: language };
  return steps(step('channels.playWithId', { channelId: legId, playbackId, media, ...lang }));
}

/** Phones of joined people keep showing what we gave them: the update of a bridge would put the bare number there. */
function planJoin({ bridgeId, legIds }: PbxCommand & { kind: 'join' }): Plan | AriError {
  if (legIds.length === 0) return bad('join: no legs');
  const params = { bridgeId, channel: legIds, inhibitConnectedLineUpdates: true };
  return steps(step('bridges.addChannel', params, [400, 404, 409, 422]));
}

function planVariables({ legId, variables }: PbxCommand & { kind: 'setVariables' }): Plan | AriError {
  const entries = Object.entries(variables);
  if (!entries.every(([name, value]) => isVariableName(name) && isVariableValue(value))) return bad('setVariables');
  return steps(
    ...entries.map(([variable, value]) => step('channels.setChannelVar', { channelId: legId, variable, value })),
  );
}

function planDial(command: PbxCommand & { kind: 'dial' }, app: string): Plan | AriError {
  const { legId, endpoint, originatorLegId, timeoutMs, variables, headers = {} } = command;
  if (!isEndpoint(endpoint)) return bad('dial: endpoint');
  const entries = Object.entries(variables);
  if (!entries.every(([name, value]) => isVariableName(name) && isVariableValue(value))) return bad('dial: variables');
  const added = endpoint.startsWith('PJSIP/') ? Object.entries(headers) : [];
  if (!added.every(([name, value]) => isHeaderName(name) && isHeaderValue(value))) return bad('dial: headers');
  const callerId = callerIdOf(cleanCallerName(command.callerName), cleanNumber(command.callerNumber));
  return {
    kind: 'dial',
    legId,
    originate: step(
      'channels.originateWithId',
      {
        endpoint,
        app,
        appArgs: DIALLED_MARK,
        channelId: legId,
        ...(originatorLegId === undefined ? {} : { originator: originatorLegId }),
        timeout: Math.max(1, Math.ceil(timeoutMs / 1000)),
        variables: { ...variables, ...Object.fromEntries(added.map(asHeader)) },
        ...(callerId === '' ? {} : { callerId }),
      },
      [],
    ),
  };
}

/** A dialplan function as the name of a variable: Asterisk writes the header before the INVITE goes out. */
const asHeader = ([name, value]: readonly [string, string]) => [`PJSIP_HEADER(add,${name})`, value] as const;

/** As Asterisk takes it: `"name" <number>`. Both parts are clean of what would end them. */
function callerIdOf(name: string, number: string): string {
  const quoted = name.replace(/["\\<>]/g, '');
  return quoted === '' ? number : `"${quoted}" <${number}>`;
}

/** Why a request failed, in the words of the core. */
export function failureOf(error: AriError, gone: readonly number[]): CommandFailure {
  if (error.pbxStatus !== undefined) return gone.includes(error.pbxStatus) ? 'gone' : 'refused';
  switch (error.code) {
    case ariErrors.timeout.code:
      return 'timeout';
    case ariErrors.request_invalid.code:
    case ariErrors.request_too_large.code:
    case ariErrors.bad_answer.code:
      return 'refused';
    default:
      return 'unavailable';
  }
}
