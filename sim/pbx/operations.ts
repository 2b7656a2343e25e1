import type { Application, AriBody, AriParams, OperationName } from '../../src/ari/ports.ts';
import { bridgeModel, channelModel, type VirtualChannel } from './channel.ts';
import type { VirtualAsterisk } from './virtual-asterisk.ts';

export type Reply<Body> =
  | { readonly ok: true; readonly status: number; readonly body: Body }
  | { readonly ok: false; readonly status: number };

type Handlers = {
  readonly [Name in OperationName]?: (pbx: VirtualAsterisk, params: AriParams<Name>) => Reply<AriBody<Name>>;
};

const no = (status: number): { readonly ok: false; readonly status: number } => ({ ok: false, status });
const done = { ok: true, status: 204, body: undefined } as const;
const found = <Body>(body: Body): Reply<Body> => ({ ok: true, status: 200, body });

/** Q.850 causes of the reasons that a hangup can name. */
const causes: Readonly<Record<string, number>> = { normal: 16, busy: 17, congestion: 34, no_answer: 19 };

/** Does something with a channel that is in an application; 404 when there is none, 409 when the dialplan has it. */
function inStasis(
  pbx: VirtualAsterisk,
  channelId: string,
  run: (channel: VirtualChannel) => void = () => {},
): Reply<undefined> {
  const channel = pbx.channels.get(channelId);
  if (!channel) return no(404);
  if (channel.place !== 'stasis') return no(409);
  run(channel);
  return done;
}

/** The part of ARI that `src/ari` asks for, with the statuses of the real one. */
const handlers: Handlers = {
  'channels.answer': (pbx, { channelId }) => inStasis(pbx, channelId, (channel) => pbx.answer(channel)),
  'channels.ring': (pbx, { channelId }) => inStasis(pbx, channelId),
  'channels.ringStop': (pbx, { channelId }) => inStasis(pbx, channelId),
  'channels.mute': (pbx, { channelId }) => inStasis(pbx, channelId),
  'channels.unmute': (pbx, { channelId }) => inStasis(pbx, channelId),
  'channels.sendDTMF': (pbx, { channelId }) => inStasis(pbx, channelId),
  'channels.startMoh': (pbx, { channelId }) => inStasis(pbx, channelId),
  'channels.stopMoh': (pbx, { channelId }) => inStasis(pbx, channelId),
  'channels.hangup': (pbx, { channelId, reason = 'normal' }) => {
    const channel = pbx.channels.get(channelId);
    if (!channel) return no(404);
    pbx.hangUpByCommand(channel, causes[reason] ?? 16);
    return done;
  },
  'channels.continueInDialplan': (pbx, { channelId, context = '', extension = '' }) =>
    inStasis(pbx, channelId, (channel) => pbx.continueInDialplan(channel, context, extension)),
  'channels.playWithId': (pbx, { channelId, playbackId, media }) => {
    const channel = pbx.channels.get(channelId);
    if (channel?.place !== 'stasis') return no(channel ? 409 : 404);
    const [uri = ''] = media;
    pbx.media.play({ id: playbackId, media: uri, app: channel.app, channelId, bridgeId: undefined });
    const body = { id: playbackId, media_uri: uri, target_uri: `channel:${channelId}`, state: 'queued' };
    return { ok: true, status: 201, body };
  },
  'playbacks.stop': (pbx, { playbackId }) => {
    if (!pbx.media.playbacks.has(playbackId)) return no(404);
    pbx.media.playbackOver(playbackId);
    return done;
  },
  'channels.setChannelVar': (pbx, { channelId, variable, value = '' }) =>
    inStasis(pbx, channelId, (channel) => void channel.variables.set(variable, value)),
  'channels.getChannelVar': (pbx, { channelId, variable }) => {
    const channel = pbx.channels.get(channelId);
    if (!channel) return no(404);
    const value = variable === 'CHANNEL(state)' ? channel.state : channel.variables.get(variable);
    return value === undefined ? no(404) : found({ value });
  },
  'channels.get': (pbx, { channelId }) => {
    const channel = pbx.channels.get(channelId);
    return channel ? found(channelModel(channel)) : no(404);
  },
  'channels.list': (pbx) => found([...pbx.channels.values(), ...pbx.ghosts.values()].map(channelModel)),
  'channels.originateWithId': (pbx, params) => {
    const { channelId, endpoint, app = '', appArgs, originator, timeout = 30, variables = {}, callerId = '' } = params;
    if (pbx.channels.has(channelId)) return no(409);
    if (originator !== undefined && !pbx.channels.has(originator)) return no(400);
    const [, name = '', number = callerId] = /^"(.*)" <(.*)>$/.exec(callerId) ?? [];
    const channel: VirtualChannel = {
      id: channelId,
      name: `${endpoint}-${channelId}`,
      endpoint,
      caller: { name, number },
      exten: '',
      state: 'Down',
      place: 'dialling',
      app,
      args: appArgs === undefined ? [] : appArgs.split(','),
      variables: new Map(Object.entries(variables).map(([key, value]) => [key, String(value)])),
      bridgeId: undefined,
      ringTimer: undefined,
      phone: undefined,
      onEnd: undefined,
      onDialplan: undefined,
    };
    // A phone that is not there is no channel at all.
    if (!pbx.devices.isReachable(endpoint) || !pbx.dial(channel, timeout * 1000)) return no(500);
    return found(channelModel(channel));
  },
  'bridges.createWithId': (pbx, { bridgeId, name = '' }) => {
    if (pbx.bridges.has(bridgeId) || pbx.dyingBridges.has(bridgeId)) return no(409);
    const bridge = { id: bridgeId, name, app: name, members: new Set<string>() };
    pbx.bridges.set(bridgeId, bridge);
    return found(bridgeModel(bridge));
  },
  'bridges.get': (pbx, { bridgeId }) => {
    const bridge = pbx.bridges.get(bridgeId);
    return bridge ? found(bridgeModel(bridge)) : no(404);
  },
  'bridges.list': (pbx) => found([...pbx.bridges.values()].map(bridgeModel)),
  'bridges.destroy': (pbx, { bridgeId }) => {
    const bridge = pbx.bridges.get(bridgeId);
    if (!bridge) return no(404);
    pbx.destroyBridge(bridge);
    return done;
  },
  'bridges.addChannel': (pbx, { bridgeId, channel: ids }) => {
    const bridge = pbx.bridges.get(bridgeId);
    if (!bridge) return no(404);
    const channels = ids.map((id) => pbx.channels.get(id));
    if (channels.includes(undefined)) return no(400);
    if (channels.some((channel) => channel?.place !== 'stasis')) return no(422);
    for (const channel of channels) if (channel) pbx.join(bridge, channel);
    return done;
  },
  'bridges.removeChannel': (pbx, { bridgeId, channel: ids }) => {
    const bridge = pbx.bridges.get(bridgeId);
    if (!bridge) return no(404);
    const channels = ids.map((id) => pbx.channels.get(id));
    if (channels.includes(undefined)) return no(400);
    if (channels.some((channel) => channel?.bridgeId !== bridgeId)) return no(422);
    for (const channel of channels) if (channel) pbx.leaveBridge(channel);
    return done;
  },
  'bridges.playWithId': (pbx, { bridgeId, playbackId, media }) => {
    const bridge = pbx.bridges.get(bridgeId);
    if (!bridge) return no(404);
    const [uri = ''] = media;
    pbx.media.play({ id: playbackId, media: uri, app: bridge.app, channelId: undefined, bridgeId });
    const body = { id: playbackId, media_uri: uri, target_uri: `bridge:${bridgeId}`, state: 'queued' };
    return { ok: true, status: 201, body };
  },
  'bridges.record': (pbx, { bridgeId, name, format }) => {
    const bridge = pbx.bridges.get(bridgeId);
    if (!bridge) return no(404);
    if (pbx.media.recordings.has(name)) return no(409);
    pbx.media.record({ name, format, bridgeId, app: bridge.app });
    return { ok: true, status: 201, body: { name, format, target_uri: `bridge:${bridgeId}`, state: 'queued' } };
  },
  'recordings.mute': (pbx, { recordingName }) => (pbx.media.recordings.has(recordingName) ? done : no(404)),
  'recordings.unmute': (pbx, { recordingName }) => (pbx.media.recordings.has(recordingName) ? done : no(404)),
  'recordings.stop': (pbx, { recordingName }) => {
    if (!pbx.media.recordings.has(recordingName)) return no(404);
    pbx.media.recordingOver(recordingName);
    return done;
  },
  'applications.filter': (pbx, { applicationName }) => applicationModel(pbx, applicationName),
  'applications.get': (pbx, { applicationName }) => applicationModel(pbx, applicationName),
};

function applicationModel(pbx: VirtualAsterisk, name: string): Reply<Application> {
  if (!pbx.hasApplication(name)) return no(404);
  const { channelIds, bridgeIds } = pbx.application(name);
  return found({
    name,
    channel_ids: [...channelIds, ...pbx.ghosts.keys()],
    bridge_ids: [...bridgeIds],
    endpoint_ids: [],
    device_names: [],
    events_allowed: [],
    events_disallowed: [],
  });
}

/** Carries out one request. What the model does not know it refuses with 501, so that nobody takes it for done. */
export function perform<Name extends OperationName>(
  pbx: VirtualAsterisk,
  operation: Name,
  params: AriParams<Name>,
): Reply<AriBody<Name>> {
  const handler = handlers[operation];
  pbx.onCommand(operation, params);
  return handler ? handler(pbx, params) : no(501);
}
