import { type Static, Type } from '../../schema/index.ts';
import type { RecordingView } from '../../events/catalogue/index.ts';
import { AppError } from '../../kernel/index.ts';
import type { Audit } from '../../security/index.ts';
import type { RecordingDoor } from '../deps.ts';
import { httpErrors } from '../errors.ts';
import { failures, Page, pageDefault, strict } from '../schemas.ts';
import { type Api, guarded } from './route.ts';

const RecordingParams = strict({
  recordingId: Type.String({ minLength: 1, maxLength: 128, pattern: '^[\\w.-]+$', description: 'Id of the recording' }),
});
const Recording = Type.Unsafe<Static<typeof RecordingView>>({ $ref: 'Recording#' });
const RecordingList = Type.Object({ recordings: Type.Array(Recording) });

const types: Readonly<Record<string, string>> = { wav: 'audio/wav', wav16: 'audio/wav', gsm: 'audio/gsm' };

/** What was recorded. Who fetches a file is written down before the first byte; when that cannot be, there is no file. */
export function recordingRoutes(api: Api, door: RecordingDoor, audit: Pick<Audit, 'recordFirst'>): void {
  const { config, security } = guarded('recordings:read');
  const tags = ['recordings'];

  api.get(
    '/v1/recordings',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'listRecordings',
        summary: 'Recordings, newest first',
        querystring: strict({
          ...Page,
          callId: Type.Optional(Type.String({ maxLength: 128 })),
          beforeMs: Type.Optional(Type.Integer({ minimum: 0, description: 'Begun before this, Unix milliseconds' })),
        }),
        response: { 200: RecordingList, ...failures(400, 401, 403, 429, 503) },
      },
    },
    async (request) => {
      const { limit = pageDefault, ...rest } = request.query;
      return { recordings: [...(await door.list({ ...rest, limit }))] };
    },
  );

  api.get(
    '/v1/recordings/:recordingId',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'getRecording',
        summary: 'One recording: its call, length and checksum',
        params: RecordingParams,
        response: { 200: Recording, ...failures(400, 401, 403, 404, 429, 503) },
      },
    },
    async (request) => door.get(request.params.recordingId),
  );

  api.get(
    '/v1/recordings/:recordingId/file',
    {
      config,
      schema: {
        tags,
        security,
        operationId: 'getRecordingFile',
        summary: 'The file itself; who fetched it is written down',
        params: RecordingParams,
        produces: ['audio/wav', 'application/octet-stream'],
        response: failures(400, 401, 403, 404, 409, 410, 429, 503),
      },
    },
    async (request, reply) => {
      const ended = new AbortController();
      reply.raw.once('close', () => ended.abort());
      const { principal, ip } = request;
      if (principal === null) throw new AppError(httpErrors.key_missing);
      const { body, bytes, record } = await door.open(request.params.recordingId, ended.signal);
      const entry = { actor: principal.id, action: 'recording.fetch', target: `recording/${record.id}` };
      try {
        await audit.recordFirst({ ...entry, detail: { callId: record.callId }, personal: { address: ip } });
      } catch (error) {
        body.destroy();
        throw error;
      }
      const extension = record.file.slice(record.file.lastIndexOf('.') + 1);
      reply
        .type(types[extension] ?? 'application/octet-stream')
        .header('content-disposition', `attachment; filename="${record.file}"`)
        .header('cache-control', 'no-store');
      if (bytes !== undefined) reply.header('content-length', bytes);
      if (record.sha256 !== undefined)
        reply.header('digest', `sha-256=${Buffer.from(record.sha256, 'hex').toString('base64')}`);
      return reply.send(body);
    },
  );
}
