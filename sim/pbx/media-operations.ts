import { done, found, type Handlers, no } from './reply.ts';
import { silentWave } from './wave.ts';

/** Playing and recording. */
export const mediaOperations: Handlers = {
  'channels.playWithId': (pbx, { channelId, playbackId, media }) => {
    const channel = pbx.channels.get(channelId);
    if (channel?.place !== 'stasis') return no(channel ? 409 : 404);
    pbx.media.play({ id: playbackId, media, app: channel.app, channelId, bridgeId: undefined });
    return queued({ id: playbackId, media_uri: media[0] ?? '', target_uri: `channel:${channelId}` });
  },
  'bridges.playWithId': (pbx, { bridgeId, playbackId, media }) => {
    const bridge = pbx.bridges.get(bridgeId);
    if (!bridge) return no(404);
    pbx.media.play({ id: playbackId, media, app: bridge.app, channelId: undefined, bridgeId });
    return queued({ id: playbackId, media_uri: media[0] ?? '', target_uri: `bridge:${bridgeId}` });
  },
  'playbacks.stop': (pbx, { playbackId }) => {
    if (!pbx.media.playbacks.has(playbackId)) return no(404);
    pbx.media.playbackOver(playbackId);
    return done;
  },
  'bridges.record': (pbx, { bridgeId, name, format }) => {
    const bridge = pbx.bridges.get(bridgeId);
    if (!bridge) return no(404);
    if (pbx.media.recordings.has(name)) return no(409);
    pbx.media.record({ name, format, target: { bridgeId }, app: bridge.app });
    return queued({ name, format, target_uri: `bridge:${bridgeId}` });
  },
  'channels.record': (pbx, { channelId, name, format, maxDurationSeconds, maxSilenceSeconds, terminateOn }) => {
    const channel = pbx.channels.get(channelId);
    if (channel?.place !== 'stasis') return no(channel ? 409 : 404);
    if (pbx.media.recordings.has(name)) return no(409);
    const target = { channelId, endsWith: terminateOn, silenceMaxMs: (maxSilenceSeconds ?? 0) * 1_000 };
    pbx.media.record({ name, format, target, app: channel.app }, (maxDurationSeconds ?? 0) * 1_000);
    return queued({ name, format, target_uri: `channel:${channelId}` });
  },
  'recordings.getLive': (pbx, { recordingName }) => {
    const recording = pbx.media.recordings.get(recordingName);
    if (!recording) return no(404);
    return found({
      name: recordingName,
      format: recording.format,
      target_uri: recording.targetUri,
      state: 'recording',
    });
  },
  'recordings.mute': (pbx, { recordingName }) => (pbx.media.recordings.has(recordingName) ? done : no(404)),
  'recordings.unmute': (pbx, { recordingName }) => (pbx.media.recordings.has(recordingName) ? done : no(404)),
  'recordings.stop': (pbx, { recordingName }) => {
    if (!pbx.media.recordings.has(recordingName)) return no(404);
    pbx.media.recordingOver(recordingName);
    return done;
  },
  'recordings.getStoredFile': (pbx, { recordingName }) => {
    const stored = pbx.media.stored.get(recordingName);
    return stored === undefined ? no(404) : found(silentWave(stored));
  },
  'recordings.deleteStored': (pbx, { recordingName }) => (pbx.media.stored.delete(recordingName) ? done : no(404)),
};

function queued<Model extends object>(model: Model) {
  return { ok: true, status: 201, body: { ...model, state: 'queued' } } as const;
}
