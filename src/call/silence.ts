import { greetingIdOf } from './call.ts';
import type { Draft } from './draft.ts';
import { promptIdOf } from './menu-state.ts';

/** Whatever plays to a caller who has just come is cut: a PBX carries out what follows only after the end of it. */
export function silence(draft: Draft): void {
  const { id, awaiting, menu } = draft.call;
  if (awaiting.greeting) {
    draft.pbx({ kind: 'stopPlayback', playbackId: greetingIdOf(id) });
    draft.ask({ kind: 'stopTimer', timer: 'greeting' });
    draft.change({ awaiting: { ...awaiting, greeting: false } });
  }
  if (menu?.stage === 'prompt') draft.pbx({ kind: 'stopPlayback', playbackId: promptIdOf(id, menu.plays) });
  if (menu?.stage === 'prompt' || menu?.stage === 'listening') draft.ask({ kind: 'stopTimer', timer: 'menu' });
}
