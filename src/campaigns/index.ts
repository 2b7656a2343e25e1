export { CallbackDesk } from './callbacks.ts';
export { ClickToDial } from './click-to-dial.ts';
export { Compliance } from './compliance.ts';
export { Dialler } from './dialler.ts';
export { OutboundFront } from './front.ts';
export { JobDesk, type JobWish } from './job-desk.ts';
export { EventJobLog } from './job-log.ts';
export { progressive } from './pacing/index.ts';
export { isShowable, type OutboundRoute } from './routes.ts';
