import type { Applications } from './applications.ts';
import type { PbxClock } from './clock.ts';

interface Playback {
  readonly id: string;
  readonly media: string;
  readonly app: string;
  readonly channelId: string | undefined;
  readonly bridgeId: string | undefined;
}

interface Recording {
  readonly name: string;
  readonly format: string;
  readonly bridgeId: string;
  readonly app: string;
}

/** How long a sound lasts that does not say so. */
const soundMs = 3_000;

/** What is played and recorded: names and times, no sound. */
export class Media {
  readonly playbacks = new Map<string, Playback>();
  readonly recordings = new Map<string, Recording>();
  private readonly clock: PbxClock;
  private readonly applications: Applications;

  constructor(clock: PbxClock, applications: Applications) {
    this.clock = clock;
    this.applications = applications;
  }

  play(playback: Playback): void {
    this.playbacks.set(playback.id, playback);
    const exists = !playback.media.includes('nothing-of-the-kind');
    this.clock.after(exists ? soundMs : 0, () => this.playbackOver(playback.id, !exists));
  }

  playbackOver(playbackId: string, failed = false): void {
    const playback = this.playbacks.get(playbackId);
    if (!playback) return;
    this.playbacks.delete(playbackId);
    const state = failed ? 'failed' : 'done';
    const target_uri = playback.channelId ? `channel:${playback.channelId}` : `bridge:${playback.bridgeId ?? ''}`;
    const model = { id: playbackId, media_uri: playback.media, target_uri, state };
    this.applications.tell(playback.app, { type: 'PlaybackFinished', playback: model });
  }

  /** Whatever was played to the channel is over. */
  channelEnds(channelId: string): void {
    for (const playback of this.playbacks.values())
      if (playback.channelId === channelId) this.playbackOver(playback.id);
  }

  record(recording: Recording): void {
    this.recordings.set(recording.name, recording);
  }

  recordingOver(name: string): void {
    const recording = this.recordings.get(name);
    if (!recording) return;
    this.recordings.delete(name);
    const model = { name, format: recording.format, target_uri: `bridge:${recording.bridgeId}`, state: 'done' };
    this.applications.tell(recording.app, { type: 'RecordingFinished', recording: model });
  }

  clear(): void {
    this.playbacks.clear();
    this.recordings.clear();
  }
}
