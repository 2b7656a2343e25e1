import type { CommandOutcome, FrontDoor } from '../../bridge/index.ts';
import { Type } from '../../schema/index.ts';
import { ownAgent } from '../access.ts';
import { Accepted, CallParams, failures, strict, TransferBody } from '../schemas.ts';
import { type Api, answered, guarded } from './route.ts';

const commandFailures = failures(400, 401, 403, 404, 409, 413, 415, 429, 503);
const KeypadBody = strict({
  digits: Type.String({
    pattern: '^[0-9*#A-Da-d]{1,32}$',
    description: 'Tones for the caller; never logged, and in no event',
  }),
});

/** Control of a conversation: consultation, conference, mute, keypad tones. */
export function controlRoutes(api: Api, { control }: FrontDoor): void {
  const { config, security } = guarded('calls:control');
  const shared = (operationId: string, summary: string) => ({
    tags: ['calls'],
    security,
    operationId,
    summary,
    params: CallParams,
    response: { 202: Accepted, ...commandFailures },
  });
  const command = (
    path: string,
    operationId: string,
    summary: string,
    run: (callId: string, by?: string) => CommandOutcome,
  ) =>
    api.post(`/v1/calls/:callId/${path}`, { config, schema: shared(operationId, summary) }, async (request, reply) =>
      reply.status(202).send(answered(run(request.params.callId, ownAgent(request.principal)))),
    );

  api.post(
    '/v1/calls/:callId/consult',
    {
      config,
      schema: {
        ...shared('consult', 'Ask an agent, a queue or a number while the caller hears music'),
        body: TransferBody,
      },
    },
    async (request, reply) => {
      const outcome = control.consult(request.params.callId, request.body.target, ownAgent(request.principal));
      return reply.status(202).send(answered(outcome));
    },
  );
  command('consult/complete', 'completeConsult', 'Caller and the one who was asked talk; the agent is out', (id, by) =>
    control.consultAction(id, 'complete', by),
  );
  command('consult/cancel', 'cancelConsult', 'Back to the caller; the one who was asked is out', (id, by) =>
    control.consultAction(id, 'cancel', by),
  );
  command('consult/swap', 'swapConsult', 'Talk with the other one; who is left hears music', (id, by) =>
    control.consultAction(id, 'swap', by),
  );
  command('consult/merge', 'mergeConsult', 'All three talk', (id, by) => control.consultAction(id, 'merge', by));
  const recording = [
    ['start', 'startRecording', 'Record the conversation'],
    ['pause', 'pauseRecording', 'Record silence, while something secret is said'],
    ['resume', 'resumeRecording', 'Record what is said again'],
    ['stop', 'stopRecording', 'End the recording'],
  ] as const;
  for (const [action, operationId, summary] of recording) {
    command(`recording/${action}`, operationId, summary, (id, by) => control.record(id, action, by));
  }
  command('mute', 'muteCall', 'The agent is not heard', (id, by) => control.mute(id, true, by));
  command('unmute', 'unmuteCall', 'The agent is heard again', (id, by) => control.mute(id, false, by));

  api.post(
    '/v1/calls/:callId/keypad',
    {
      config,
      schema: { ...shared('sendKeys', 'Send keypad tones to the caller'), body: KeypadBody },
    },
    async (request, reply) => {
      const outcome = control.sendKeys(request.params.callId, request.body.digits, ownAgent(request.principal));
      return reply.status(202).send(answered(outcome));
    },
  );
}
