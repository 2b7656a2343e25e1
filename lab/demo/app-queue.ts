import { appQueue } from '../asterisk/queues.ts';

/** A queue of Asterisk's own beside the server; the virtual PBX has none. Numbers of the demo that nobody else has. */
export const appQueueNumbers = { queue: '6200', pause: '6201', goOn: '6202' } as const;

const name = 'demo-queue';
const member = 'PJSIP/1001';

/** The dialplan of a site with app_queue, with feature codes for pauses, as its agents dial them. */
export const appQueueDialplan = `[lab-baselines](+)
exten => ${appQueueNumbers.queue},1,Queue(${name})
exten => ${appQueueNumbers.pause},1,PauseQueueMember(${name},${member},,tea)
 same => n,Hangup(16)
exten => ${appQueueNumbers.goOn},1,UnpauseQueueMember(${name},${member})
 same => n,Hangup(16)`;

export const appQueueConfig = { 'queues.conf': appQueue(name, [member]) };
export const appQueueMirror = { queues: [{ id: name }] };
