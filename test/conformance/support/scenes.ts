import type { CommandResult, PbxCommand, PbxFact, PbxSnapshot } from '../../../src/call/index.ts';

/** A PBX on which scenes are played: the real one or the model. */
export interface Stage {
  readonly app: string;
  readonly facts: PbxFact[];
  /** Changes of the link and snapshots, in words. */
  readonly news: string[];
  /** A caller without a telephone comes in by the dialplan and enters the application. */
  callerArrives(legId: string): Promise<void>;
  callerHangsUp(legId: string): Promise<void>;
  /** Waits, in the stage's own time. */
  until(what: string, holds: () => boolean): Promise<void>;
  pause(ms: number): Promise<void>;
  send(command: PbxCommand): Promise<CommandResult>;
  /** Another server takes the place of this one. */
  serverRestarts(): Promise<void>;
  /** The PBX dies and starts again. */
  pbxRestarts(): Promise<void>;
  stop(): Promise<void>;
}

export interface Scene {
  readonly name: string;
  play(stage: Stage, scene: SceneTools): Promise<void>;
}

/** What scenes are made of. */
export class SceneTools {
  readonly results: string[] = [];
  readonly caller: string;
  readonly agent: string;
  readonly bridgeId: string;
  readonly playbackId: string;
  readonly recordingId: string;
  private readonly stage: Stage;
  private readonly id: string;

  constructor(stage: Stage, name: string) {
    this.stage = stage;
    const id = `${stage.app}-${name.replaceAll(/[^a-z]+/gi, '')}`;
    this.id = id;
    this.caller = `${id}-caller`;
    this.agent = `${id}-agent`;
    this.bridgeId = `${id}-bridge`;
    this.playbackId = `${id}-playback`;
    this.recordingId = `${id}-recording`;
  }

  /** Sends commands one after another, and keeps how each ended. */
  async send(...commands: readonly PbxCommand[]): Promise<void> {
    for (const command of commands) {
      const result = await this.stage.send(command);
      this.results.push(`${command.kind}: ${result.ok ? 'ok' : result.failure}`);
    }
  }

  /** Of these facts those of this scene. */
  own(facts: readonly PbxFact[]): PbxFact[] {
    return facts.filter((fact) => subjectOf(fact).startsWith(`${this.id}-`));
  }

  dial(word: string, timeoutMs = 10_000): PbxCommand {
    return {
      kind: 'dial',
      legId: this.agent,
      endpoint: `Local/${word}@lab-agents`,
      originatorLegId: this.caller,
      callerNumber: '13800138000',
      callerName: '',
      timeoutMs,
      variables: { RINGMASTER_LEG: 'call1,ann' },
    };
  }

  until(kind: PbxFact['kind'], subject: string): Promise<void> {
    const known = () => this.stage.facts.map(inWords).join(', ');
    return this.stage.until(`${kind} ${subject}; got ${known()}`, () =>
      this.stage.facts.some((fact) => fact.kind === kind && subjectOf(fact) === subject),
    );
  }

  /** Caller and agent hear each other. */
  async talking(): Promise<void> {
    const { caller: legId, agent, bridgeId } = this;
    await this.stage.callerArrives(legId);
    await this.send({ kind: 'answer', legId }, this.dial('answer'), { kind: 'createBridge', bridgeId });
    await this.until('legAnswered', agent);
    await this.send({ kind: 'join', bridgeId, legIds: [legId, agent] });
  }
}

const failing = (name: string, word: string, timeoutMs?: number): Scene => ({
  name,
  async play(stage, scene) {
    await stage.callerArrives(scene.caller);
    await scene.send(scene.dial(word, timeoutMs));
    await scene.until('legEnded', scene.agent);
  },
});

/** Each is played on the real PBX and on the model, and both must tell the same. */
export const scenes: readonly Scene[] = [
  {
    name: 'an answered call, and the caller hangs up',
    async play(stage, scene) {
      await scene.talking();
      await stage.callerHangsUp(scene.caller);
      await scene.until('legEnded', scene.caller);
      await scene.send({ kind: 'hangup', legId: scene.agent, reason: 'normal' });
      await scene.until('legEnded', scene.agent);
      await scene.send({ kind: 'destroyBridge', bridgeId: scene.bridgeId });
    },
  },
  {
    name: 'an agent drops before the join',
    async play(stage, scene) {
      await stage.callerArrives(scene.caller);
      await scene.send(scene.dial('drop'), { kind: 'createBridge', bridgeId: scene.bridgeId });
      await scene.until('legEnded', scene.agent);
      await scene.send({ kind: 'join', bridgeId: scene.bridgeId, legIds: [scene.caller, scene.agent] });
    },
  },
  {
    name: 'the caller gives up while the phone rings',
    async play(stage, scene) {
      await stage.callerArrives(scene.caller);
      await scene.send(scene.dial('ringout'));
      await scene.until('legRinging', scene.agent);
      await stage.callerHangsUp(scene.caller);
      await scene.until('legEnded', scene.caller);
      await scene.send({ kind: 'hangup', legId: scene.agent, reason: 'normal' });
      await scene.until('legEnded', scene.agent);
    },
  },
  failing('a busy phone', 'busy'),
  failing('a declined call', 'decline'),
  failing('a phone that rings out', 'ringout', 1_000),
  failing('a phone that cannot be reached', 'gone'),
  {
    name: 'a call is taken back from a ringing phone',
    async play(stage, scene) {
      await stage.callerArrives(scene.caller);
      await scene.send(scene.dial('ringout'));
      await scene.until('legRinging', scene.agent);
      await scene.send({ kind: 'hangup', legId: scene.agent, reason: 'no_answer' });
      await scene.until('legEnded', scene.agent);
    },
  },
  {
    name: 'the agent is hung up by command',
    async play(_stage, scene) {
      await scene.talking();
      await scene.send({ kind: 'hangup', legId: scene.agent, reason: 'normal' });
      await scene.until('legEnded', scene.agent);
      await scene.send(
        { kind: 'hangup', legId: scene.agent, reason: 'normal' },
        { kind: 'hangup', legId: scene.caller, reason: 'normal' },
      );
      await scene.until('legEnded', scene.caller);
    },
  },
  {
    name: 'hold and resume by bridge and music',
    async play(_stage, scene) {
      const { caller: legId, bridgeId } = scene;
      await scene.talking();
      await scene.send(
        { kind: 'separate', bridgeId, legId },
        { kind: 'separate', bridgeId, legId },
        { kind: 'startMusic', legId, musicClass: 'default' },
        { kind: 'stopMusic', legId },
        { kind: 'join', bridgeId, legIds: [legId] },
        { kind: 'join', bridgeId, legIds: [legId] },
      );
    },
  },
  {
    name: 'a blind transfer gives the caller back to the dialplan',
    async play(_stage, scene) {
      const { caller: legId, bridgeId } = scene;
      await scene.talking();
      await scene.send(
        { kind: 'separate', bridgeId, legId },
        { kind: 'leave', legId, context: 'lab-targets', extension: '5000', priority: 1 },
      );
      await scene.until('legLeft', legId);
      await scene.send(
        { kind: 'answer', legId },
        { kind: 'startMusic', legId, musicClass: 'default' },
        { kind: 'join', bridgeId, legIds: [legId] },
        { kind: 'separate', bridgeId, legId },
        { kind: 'setVariables', legId, variables: { RINGMASTER_CALL: 'x' } },
      );
    },
  },
  {
    name: 'nothing that is asked about is there',
    async play(_stage, scene) {
      const { caller: legId, bridgeId, playbackId, recordingId } = scene;
      await scene.send(
        { kind: 'answer', legId },
        { kind: 'ring', legId },
        { kind: 'play', legId, playbackId, media: ['sound:x'] },
        { kind: 'stopPlayback', playbackId },
        { kind: 'startMusic', legId, musicClass: 'default' },
        { kind: 'setVariables', legId, variables: { A: 'b' } },
        { kind: 'hangup', legId, reason: 'normal' },
        { kind: 'leave', legId, context: 'lab-targets', extension: '5000', priority: 1 },
        { kind: 'join', bridgeId, legIds: [legId] },
        { kind: 'separate', bridgeId, legId },
        { kind: 'destroyBridge', bridgeId },
        { kind: 'stopRecording', recordingId },
        scene.dial('answer'),
      );
    },
  },
  {
    name: 'what is asked of a phone that still rings',
    async play(stage, scene) {
      const { agent: legId, bridgeId } = scene;
      await stage.callerArrives(scene.caller);
      await scene.send(scene.dial('ringout'), { kind: 'createBridge', bridgeId });
      await scene.until('legRinging', legId);
      await scene.send(
        scene.dial('answer'),
        { kind: 'join', bridgeId, legIds: [scene.caller, legId] },
        { kind: 'setVariables', legId, variables: { A: 'b' } },
      );
    },
  },
  {
    name: 'a greeting is stopped, one is not there, and one dies with its caller',
    async play(stage, scene) {
      const { caller: legId, playbackId } = scene;
      const play = (id: string, sound: string): PbxCommand => ({
        kind: 'play',
        legId,
        playbackId: `${playbackId}${id}`,
        media: [`sound:${sound}`],
      });
      await stage.callerArrives(legId);
      await scene.send({ kind: 'answer', legId });
      await scene.until('legAnswered', legId);
      await scene.send(play('a', 'fallback'), { kind: 'stopPlayback', playbackId: `${playbackId}a` });
      await scene.until('playbackEnded', `${playbackId}a`);
      await scene.send(play('b', 'nothing-of-the-kind'));
      await scene.until('playbackEnded', `${playbackId}b`);
      await scene.send({ kind: 'stopPlayback', playbackId: `${playbackId}b` });
    },
  },
  {
    name: 'a conversation is recorded, and one name once',
    async play(_stage, scene) {
      const { bridgeId, recordingId } = scene;
      const record = (id: string): PbxCommand => ({
        kind: 'record',
        bridgeId,
        recordingId: `${recordingId}${id}`,
        format: 'wav',
        lengthMaxMs: 60_000,
      });
      await scene.talking();
      await scene.send(
        record('a'),
        record('a'),
        { kind: 'muteRecording', recordingId: `${recordingId}a` },
        { kind: 'unmuteRecording', recordingId: `${recordingId}a` },
        { kind: 'stopRecording', recordingId: `${recordingId}a` },
      );
      await scene.until('recordingEnded', `${recordingId}a`);
      await scene.send({ kind: 'stopRecording', recordingId: `${recordingId}a` });
    },
  },
  {
    name: 'a bridge that is made twice and destroyed under a conversation',
    async play(_stage, scene) {
      const { bridgeId, caller: legId } = scene;
      await scene.talking();
      await scene.send({ kind: 'createBridge', bridgeId }, { kind: 'destroyBridge', bridgeId });
      await scene.send({ kind: 'destroyBridge', bridgeId }, { kind: 'join', bridgeId, legIds: [legId] });
    },
  },
];

/** The leg, playback, recording or bridge that a fact is about. */
function subjectOf(fact: PbxFact): string {
  if ('legId' in fact) return fact.legId;
  if ('playbackId' in fact) return fact.playbackId;
  return 'recordingId' in fact ? fact.recordingId : fact.bridgeId;
}

/** A fact without times and names that differ from run to run. */
function inWords(fact: PbxFact): string {
  switch (fact.kind) {
    case 'legArrived':
      return `legArrived ${fact.callerNumber} ${fact.args.join('|')} ${fact.answered}`;
    case 'legEnded':
      return `legEnded ${fact.cause}`;
    case 'playbackEnded':
    case 'recordingEnded':
      return `${fact.kind} ${fact.failed}`;
    default:
      return fact.kind;
  }
}

/** What was told of each leg, playback, recording and bridge, in order; between them there is none. */
export function storyOf(facts: readonly PbxFact[]): Record<string, string[]> {
  const story: Record<string, string[]> = {};
  for (const fact of facts) {
    const name = subjectOf(fact).split('-').at(-1) ?? '';
    story[name] = [...(story[name] ?? []), inWords(fact)];
  }
  return story;
}

/** A snapshot without times, in an order of its own. */
export function snapshotInWords({ legs, bridges }: PbxSnapshot): string {
  const last = (id: string | undefined): string => id?.split('-').at(-1) ?? 'nowhere';
  const known = legs.map(({ legId, answered, callerNumber, bridgeId, variables }) =>
    [last(legId), answered, callerNumber, last(bridgeId), JSON.stringify(variables)].join(' '),
  );
  const joined = bridges.map(({ bridgeId, legIds }) => `${last(bridgeId)} of ${legIds.map(last).sort().join(' ')}`);
  return ['snapshot', ...known.sort(), ...joined.sort()].join('; ');
}
