import type { Timer } from '../../src/kernel/index.ts';
import type { Applications } from './applications.ts';
import type { PbxClock } from './clock.ts';

interface Playback {
  readonly id: string;
  /** Played one after the other. */
  readonly media: readonly string[];
  readonly app: string;
  readonly channelId: string | undefined;
  readonly bridgeId: string | undefined;
}

interface Recorded {
  readonly name: string;
  readonly format: string;
  readonly app: string;
  readonly target:
    | { readonly bridgeId: string }
    /** Ends with a key and after so much silence; 0 = never for that. */
    | { readonly channelId: string; readonly endsWith: string | undefined; readonly silenceMaxMs: number };
}

interface Recording extends Recorded {
  readonly targetUri: string;
  readonly startedAtMs: number;
  talkedMs: number;
  end: Timer | undefined;
  silence: Timer | undefined;
}

/** How long a sound lasts that does not say so. */
const soundMs = 3_000;

/** What is played and recorded: names and times, no sound. */
export class Media {
  readonly playbacks = new Map<string, Playback>();
  readonly recordings = new Map<string, Recording>();
  /** Files of recordings that are over, with their length in milliseconds. */
  readonly stored = new Map<string, number>();
  /** Milliseconds that a sound lasts, by its URI; undefined when there is none. */
  soundLengthMs: (media: string) => number | undefined = (media) =>
    media.includes('nothing-of-the-kind') ? undefined : soundMs;
  private readonly clock: PbxClock;
  private readonly applications: Applications;

  constructor(clock: PbxClock, applications: Applications) {
    this.clock = clock;
    this.applications = applications;
  }

  play(playback: Playback): void {
    this.playbacks.set(playback.id, playback);
    const lengths = playback.media.map((media) => this.soundLengthMs(media));
    const lengthMs = lengths.reduce<number>((sum, one = 0) => sum + one, 0);
    const failed = lengths.at(-1) === undefined;
    this.clock.after(lengthMs, () => this.playbackOver(playback.id, failed));
  }

  playbackOver(playbackId: string, failed = false): void {
    const playback = this.playbacks.get(playbackId);
    if (!playback) return;
    this.playbacks.delete(playbackId);
    const state = failed ? 'failed' : 'done';
    const target_uri = playback.channelId ? `channel:${playback.channelId}` : `bridge:${playback.bridgeId ?? ''}`;
    const model = { id: playbackId, media_uri: playback.media.at(-1) ?? '', target_uri, state };
    this.applications.tell(playback.app, { type: 'PlaybackFinished', playback: model });
  }

  /** Whatever was played to the channel or recorded of it is over. */
  channelEnds(channelId: string): void {
    for (const playback of this.playbacks.values())
      if (playback.channelId === channelId) this.playbackOver(playback.id);
    for (const recording of this.ofChannel(channelId)) this.recordingOver(recording.name);
  }

  /** With a limit above 0 the recording ends by itself then. */
  record(recorded: Recorded, lengthMaxMs = 0): void {
    const { name, target } = recorded;
    const targetUri = 'bridgeId' in target ? `bridge:${target.bridgeId}` : `channel:${target.channelId}`;
    const started = { targetUri, startedAtMs: this.clock.nowMs(), talkedMs: 0, silence: undefined };
    const over = () => this.recordingOver(name);
    const recording = {
      ...recorded,
      ...started,
      end: lengthMaxMs > 0 ? this.clock.after(lengthMaxMs, over) : undefined,
    };
    this.recordings.set(name, recording);
    this.listenForSilence(recording, 0);
  }

  recordingOver(name: string): void {
    const recording = this.recordings.get(name);
    if (!recording) return;
    this.recordings.delete(name);
    recording.end?.cancel();
    recording.silence?.cancel();
    const lengthMs = this.clock.nowMs() - recording.startedAtMs;
    this.stored.set(name, lengthMs);
    const { format, targetUri: target_uri, target, talkedMs } = recording;
    const seconds = (ms: number): number => Math.round(ms / 1_000);
    const heard = 'channelId' in target ? { duration: seconds(lengthMs), talking_duration: seconds(talkedMs) } : {};
    const model = { name, format, target_uri, state: 'done', ...heard };
    this.applications.tell(recording.app, { type: 'RecordingFinished', recording: model });
  }

  /** Somebody talks into the channel. */
  talks(channelId: string, lengthMs: number): void {
    for (const recording of this.ofChannel(channelId)) {
      recording.talkedMs += lengthMs;
      this.listenForSilence(recording, lengthMs);
    }
  }

  pressed(channelId: string, key: string): void {
    for (const { name, target } of this.ofChannel(channelId))
      if ('endsWith' in target && target.endsWith === key) this.recordingOver(name);
  }

  clear(): void {
    for (const { end, silence } of this.recordings.values()) {
      end?.cancel();
      silence?.cancel();
    }
    this.playbacks.clear();
    this.recordings.clear();
  }

  private ofChannel(channelId: string): Recording[] {
    return [...this.recordings.values()].filter(
      ({ target }) => 'channelId' in target && target.channelId === channelId,
    );
  }

  private listenForSilence(recording: Recording, inMs: number): void {
    const { target } = recording;
    if (!('silenceMaxMs' in target) || target.silenceMaxMs === 0) return;
    recording.silence?.cancel();
    recording.silence = this.clock.after(inMs + target.silenceMaxMs, () => this.recordingOver(recording.name));
  }
}
