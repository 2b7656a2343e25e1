import { greetingIdOf } from './call.ts';
import type { Draft } from './draft.ts';
import { promptIdOf } from './flow-state.ts';

/** Whatever plays to a caller who has just come is cut: a PBX carries out what follows only after the end of it. */
export function silence(draft: Draft): void {
  const { id, awaiting, flow } = draft.call;
  if (awaiting.greeting) {
    draft.pbx({ kind: 'stopPlayback', playbackId: greetingIdOf(id) });
    draft.ask({ kind: 'stopTimer', timer: 'greeting' });
    draft.change({ awaiting: { ...awaiting, greeting: false } });
  }
  if (flow?.stage === 'prompt') draft.pbx({ kind: 'stopPlayback', playbackId: promptIdOf(id, flow.plays) });
  if (flow?.stage === 'prompt' || flow?.stage === 'listening') draft.ask({ kind: 'stopTimer', timer: 'menu' });
}
