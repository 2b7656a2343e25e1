export { answerLine, answerOf } from './answer.ts';
export { createFastAgiServer, type FastAgiServer } from './fastagi/server.ts';
export { parseQuestion } from './question.ts';
