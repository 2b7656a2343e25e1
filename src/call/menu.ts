import type { Draft } from './draft.ts';
import { goOnWhenReady } from './entering.ts';
import type { CommandFailure } from './facts.ts';
import { type MenuAsked, type MenuOutcome, type MenuPolicy, type MenuState, promptIdOf } from './menu-state.ts';
import { silence } from './silence.ts';
import { type Target, targetName } from './target.ts';

/** A menu in which the caller has not chosen yet, with what the config says of it. */
interface OpenMenu {
  readonly state: MenuState;
  readonly menu: MenuPolicy;
}

function openMenu({ call, policy }: Draft): OpenMenu | undefined {
  const { menu } = policy.entry;
  return call.phase === 'arriving' && call.menu && call.menu.stage !== 'chosen' && menu
    ? { state: call.menu, menu }
    : undefined;
}

/** Plays the prompt, after the greeting when there is one. */
export function enterMenu(draft: Draft): void {
  const open = openMenu(draft);
  if (open && !draft.call.awaiting.greeting) ask(draft, open, 'arrived');
}

/** A key counts from the greeting on; one that leads nowhere only once the caller has been asked. */
export function keyPressed(draft: Draft, key: string): void {
  const open = openMenu(draft);
  if (!open) return;
  const { menu, state } = open;
  const choice = Object.hasOwn(menu.keys, key) ? menu.keys[key] : undefined;
  if (!choice) return state.stage === 'greeting' ? undefined : askAgain(draft, open, 'wrongKey');
  const { menuPath = [], data } = draft.call;
  draft.change({
    menuPath: [...menuPath, { menu: menu.id, key, label: choice.label }],
    data: { ...data, ...choice.data },
  });
  leave(draft, open, 'chosen', choice.target, key);
}

/** The prompt was heard: the caller may think. One that cannot be heard is no menu, so nobody is kept in it. */
export function promptOver(draft: Draft, playbackId: string, failed: boolean): void {
  const open = openMenu(draft);
  if (open?.state.stage !== 'prompt' || playbackId !== promptIdOf(draft.call.id, open.state.plays)) return;
  if (failed) leave(draft, open, 'unheard', open.menu.otherwise);
  else listen(draft, open);
}

/** While the link is away nobody knows what the caller heard; the menu goes on by its times and is asked anew after it. */
export function promptRefused(draft: Draft, playbackId: string, failure: CommandFailure): void {
  if (failure === 'refused') promptOver(draft, playbackId, true);
}

export function menuTimeOver(draft: Draft): void {
  const open = openMenu(draft);
  if (open?.state.stage === 'listening') return askAgain(draft, open, 'timeout');
  if (open?.state.stage !== 'prompt') return;
  draft.pbx({ kind: 'stopPlayback', playbackId: promptIdOf(draft.call.id, open.state.plays) });
  listen(draft, open);
}

/** A VIP need not choose, where the config says so. */
export function passVip(draft: Draft): void {
  const open = openMenu(draft);
  if (open?.menu.vip && draft.call.customer?.customer?.vip) leave(draft, open, 'vip', open.menu.vip);
}

/** Keys may have been missed, and nobody knows what was heard: the caller is asked anew, without losing an attempt. */
export function menuRecovered(draft: Draft): void {
  const open = openMenu(draft);
  if (open) return ask(draft, open, 'recovered');
  // The menu has left the config meanwhile.
  const { menu } = draft.call;
  if (menu && menu.stage !== 'chosen') draft.change({ menu: undefined });
}

function ask(draft: Draft, { state, menu }: OpenMenu, reason: MenuAsked): void {
  const { call, policy } = draft;
  const { menuId, attempt } = state;
  const plays = state.plays + 1;
  draft.change({ menu: { menuId, attempt, plays, stage: 'prompt' } });
  draft.pbx({
    kind: 'play',
    legId: call.callerLegId,
    playbackId: promptIdOf(call.id, plays),
    media: reason === 'wrongKey' ? [...menu.wrongKey, ...menu.prompt] : menu.prompt,
    ...(policy.entry.language === undefined ? {} : { language: policy.entry.language }),
  });
  draft.ask({ kind: 'startTimer', timer: 'menu', afterMs: menu.promptMaxMs });
  draft.tell({ type: 'call.menu.asked.v1', menu: menuId, attempt, reason });
}

function askAgain(draft: Draft, { state, menu }: OpenMenu, reason: 'wrongKey' | 'timeout'): void {
  if (state.attempt >= menu.attempts) return leave(draft, { state, menu }, reason, menu.otherwise);
  if (state.stage === 'prompt') silence(draft);
  ask(draft, { menu, state: { ...state, attempt: state.attempt + 1 } }, reason);
}

function listen(draft: Draft, { state: { menuId, attempt, plays }, menu }: OpenMenu): void {
  draft.change({ menu: { menuId, attempt, plays, stage: 'listening' } });
  draft.ask({ kind: 'startTimer', timer: 'menu', afterMs: menu.timeoutMs });
}

function leave(draft: Draft, { state }: OpenMenu, outcome: MenuOutcome, target: Target, key?: string): void {
  const { menuId, attempt, plays } = state;
  silence(draft);
  draft.change({ menu: { menuId, attempt, plays, stage: 'chosen', target } });
  draft.tell({
    type: 'call.menu.left.v1',
    menu: menuId,
    outcome,
    ...(key === undefined ? {} : { key }),
    target: targetName(target),
  });
  goOnWhenReady(draft);
}
