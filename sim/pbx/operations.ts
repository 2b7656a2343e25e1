import type { Application, AriBody, AriParams, OperationName } from '../../src/ari/ports.ts';
import { bridgeModel, channelModel, newChannel } from './channel.ts';
import { mediaOperations } from './media-operations.ts';
import { done, found, type Handlers, inStasis, no, type Reply } from './reply.ts';
import { systemOperations } from './system-operations.ts';
import type { VirtualAsterisk } from './virtual-asterisk.ts';

/** Q.850 causes of the reasons that a hangup can name. */
const causes: Readonly<Record<string, number>> = { normal: 16, busy: 17, congestion: 34, no_answer: 19 };

/** The part of ARI that `src/ari` asks for, with the statuses of the real one. */
const handlers: Handlers = {
  ...mediaOperations,
  ...systemOperations,
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
    const channel = newChannel({
      id: channelId,
      name: `${endpoint}-${channelId}`,
      endpoint,
      caller: { name, number },
      state: 'Down',
      place: 'dialling',
      app,
      args: appArgs === undefined ? [] : appArgs.split(','),
      variables: new Map(Object.entries(variables).map(([key, value]) => [key, String(value)])),
    });
    // A phone that is not there is no channel at all.
    if (!pbx.devices.isReachable(endpoint) || !pbx.dial(channel, timeout * 1000)) return no(500);
    return found(channelModel(channel));
  },
  'bridges.createWithId': (pbx, { bridgeId, name = '' }) => {
    if (pbx.bridges.has(bridgeId) || pbx.bridges.dying.has(bridgeId)) return no(409);
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
    pbx.bridges.destroy(bridge, pbx.channels);
    return done;
  },
  'bridges.addChannel': (pbx, { bridgeId, channel: ids }) => {
    const bridge = pbx.bridges.get(bridgeId);
    if (!bridge) return no(404);
    const channels = ids.map((id) => pbx.channels.get(id));
    if (channels.includes(undefined)) return no(400);
    if (channels.some((channel) => channel?.place !== 'stasis')) return no(422);
    for (const channel of channels) if (channel) pbx.bridges.join(bridge, channel);
    return done;
  },
  'bridges.removeChannel': (pbx, { bridgeId, channel: ids }) => {
    const bridge = pbx.bridges.get(bridgeId);
    if (!bridge) return no(404);
    const channels = ids.map((id) => pbx.channels.get(id));
    if (channels.includes(undefined)) return no(400);
    if (channels.some((channel) => channel?.bridgeId !== bridgeId)) return no(422);
    for (const channel of channels) if (channel) pbx.bridges.leave(channel);
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
