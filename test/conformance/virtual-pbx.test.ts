import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { type LabAsterisk, startAsterisk } from '../../lab/index.ts';
import { createAriLink, createAriPbx } from '../../src/ari/index.ts';
import type { AriLink } from '../../src/ari/ports.ts';
import type { PbxPort } from '../../src/bridge/ports.ts';
import type { CommandResult, PbxFact } from '../../src/call/index.ts';
import { type Clock, type Logger, type Rng, systemClock, systemRng } from '../../src/kernel/index.ts';
import { SeededRng } from '../../sim/chance/rng.ts';
import { VirtualAriLink } from '../../sim/pbx/ari-link.ts';
import { VirtualAsterisk } from '../../sim/pbx/virtual-asterisk.ts';
import { VirtualClock } from '../../sim/virtual-clock.ts';
import { silentLog, until } from '../ari/support.ts';
import { type Scene, SceneTools, scenes, snapshotInWords, type Stage, storyOf } from './support/scenes.ts';

const real: { readonly clock: Clock; readonly rng: Rng; readonly log: Logger } = {
  clock: systemClock,
  rng: systemRng,
  log: silentLog,
};
const deadline = { deadlineMs: 5_000 };
const missing = inject('labMissing').filter((line) => line.startsWith('Asterisk'));
const dialplan = `[stage-entry]
exten => _[a-z].,1,Stasis(\${EXTEN},first)
 same => n,Hangup(16)`;

/** A server's side of a PBX, heard from now on. */
function listen(link: AriLink, deps: typeof real, facts: PbxFact[], news: string[]): PbxPort {
  const pbx = createAriPbx(link, {}, deps);
  pbx.onFact((fact) => facts.push(fact));
  pbx.onLink(({ state }) => news.push(state));
  pbx.onSnapshot((snapshot) => news.push(snapshotInWords(snapshot)));
  pbx.start();
  return pbx;
}

const isSeen = (news: readonly string[]): boolean => news.at(-1)?.startsWith('snapshot') === true;

async function realStage(asterisk: LabAsterisk, lab: AriLink, app: string): Promise<Stage> {
  const { ariUrl: url, ariUser: username, ariPassword: password } = asterisk;
  const limits = { reconnect: { firstDelayMs: 50, delayMaxMs: 200 } };
  const open = () => createAriLink({ nodeId: 'n', url, app, username, password, limits }, real);
  const facts: PbxFact[] = [];
  const news: string[] = [];
  let pbx = listen(open(), real, facts, news);
  await until('the link is up', () => isSeen(news));
  return {
    app,
    facts,
    news,
    async callerArrives(legId) {
      const made = await lab.request(
        'channels.originate',
        {
          endpoint: `Local/${app}@stage-entry/n`,
          context: 'lab-callers',
          extension: 'talk',
          callerId: '13800138000',
          // Asterisk takes an id for used when a longer one that begins with it is.
          channelId: `phone-${legId}`,
          otherChannelId: legId,
        },
        deadline,
      );
      expect(made.ok ? '' : made.error.message).toBe('');
      await until(`${legId} arrives`, () => facts.some((fact) => fact.kind === 'legArrived' && fact.legId === legId));
    },
    async callerHangsUp(legId) {
      await lab.request('channels.hangup', { channelId: `phone-${legId}` }, deadline);
    },
    until: (what, holds) => until(what, holds, 20_000),
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    send: (command) => pbx.send('call1', command),
    async serverRestarts() {
      await pbx.stop();
      news.push('stopped');
      pbx = listen(open(), real, facts, news);
    },
    async pbxRestarts() {
      await asterisk.kill9();
      await until('the loss is told', () => news.at(-1) === 'down');
      await asterisk.restart();
    },
    stop: () => pbx.stop(),
  };
}

async function virtualStage(app: string): Promise<Stage> {
  const clock = new VirtualClock(1_800_000_000_000);
  const rng = new SeededRng(1);
  const asterisk = new VirtualAsterisk(clock, rng);
  const open = () => new VirtualAriLink(asterisk, { nodeId: 'n', app, clock });
  const deps = { clock, rng, log: silentLog };
  const facts: PbxFact[] = [];
  const news: string[] = [];
  let pbx = listen(open(), deps, facts, news);
  const turn = async (what: string, holds: () => boolean): Promise<void> => {
    const endMs = clock.nowMs() + 20_000;
    while (!holds() && clock.nowMs() < endMs) await clock.runUntil(clock.nowMs() + 1);
    if (!holds()) throw new Error(`waited in vain: ${what}`);
  };
  await turn('the link is up', () => isSeen(news));
  return {
    app,
    facts,
    news,
    callerArrives: async (channelId) => {
      const caller = { channelId, callerNumber: '13800138000', callerName: '', dialledNumber: app };
      asterisk.comeIn({ ...caller, app, args: ['first'] });
      await turn('the caller arrives', () => facts.some((fact) => fact.kind === 'legArrived'));
    },
    callerHangsUp: async (legId) => asterisk.hangUp(legId),
    until: turn,
    pause: (ms) => clock.runUntil(clock.nowMs() + ms),
    send: async (command) => {
      let result: CommandResult | undefined;
      void pbx.send('call1', command).then((given) => (result = given));
      await turn('the answer', () => result !== undefined);
      return result as CommandResult;
    },
    async serverRestarts() {
      await pbx.stop();
      news.push('stopped');
      pbx = listen(open(), deps, facts, news);
    },
    async pbxRestarts() {
      asterisk.kill();
      await clock.runUntil(clock.nowMs() + 5_000);
      asterisk.boot();
    },
    stop: () => pbx.stop(),
  };
}

async function openLab(asterisk: LabAsterisk): Promise<AriLink> {
  const { ariUrl: url, ariUser: username, ariPassword: password } = asterisk;
  const lab = createAriLink({ nodeId: 'n', url, app: 'hands', username, password }, real);
  lab.start();
  await until('the lab link is up', () => lab.state() === 'up');
  return lab;
}

async function storyOn(stage: Stage, scene: Scene): Promise<object> {
  const tools = new SceneTools(stage, scene.name);
  await scene.play(stage, tools);
  await stage.pause(400);
  return { story: storyOf(tools.own(stage.facts)), results: tools.results };
}

describe('the model of Asterisk tells what the real one tells', () => {
  let asterisk: LabAsterisk;
  let lab: AriLink;
  let stage: Stage;

  beforeAll(async () => {
    if (missing.length > 0) return;
    asterisk = await startAsterisk({ phones: 1, qualifySeconds: 0, dialplan });
    lab = await openLab(asterisk);
    stage = await realStage(asterisk, lab, 'stage');
  }, 60_000);
  afterAll(async () => {
    await stage?.stop();
    await lab?.stop();
    await asterisk?.stop();
  });

  it.concurrent.for(scenes)('$name', { timeout: 30_000 }, async (scene, context) => {
    if (missing.length > 0) return context.skip(missing.join('; '));
    const [told, toldByModel] = await Promise.all([
      storyOn(stage, scene),
      virtualStage('stage').then((model) => storyOn(model, scene)),
    ]);
    expect(toldByModel).toEqual(told);
  });
});

it('holds in the model what the real Asterisk holds when a server comes back, and nothing when it has been away itself', async (context) => {
  if (missing.length > 0) return context.skip(missing.join('; '));
  const asterisk = await startAsterisk({ phones: 1, qualifySeconds: 0, dialplan });
  const lab = await openLab(asterisk);
  const told: object[] = [];
  for (const stage of [await realStage(asterisk, lab, 'stage'), await virtualStage('stage')]) {
    const tools = new SceneTools(stage, 'back');
    await tools.talking();
    const { caller, agent, bridgeId } = tools;
    await tools.send({ kind: 'setVariables', legId: caller, variables: { RINGMASTER_CALL: 'call1' } });
    await stage.serverRestarts();
    await stage.until('the server sees', () => isSeen(stage.news));
    await tools.send({ kind: 'hangup', legId: agent, reason: 'normal' });
    await tools.until('legEnded', agent);
    await stage.pbxRestarts();
    await stage.until('the server sees again', () => isSeen(stage.news));
    await tools.send({ kind: 'join', bridgeId, legIds: [caller] }, { kind: 'answer', legId: caller });
    // That it is still down the real link says as often as it finds another reason.
    const news = stage.news.filter((word, index) => word !== stage.news[index - 1]);
    told.push({ news, story: storyOf(stage.facts), results: tools.results });
    await stage.stop();
  }
  await lab.stop();
  await asterisk.stop();
  expect(told[1]).toEqual(told[0]);
}, 60_000);
