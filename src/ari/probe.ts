import { isObject } from './check.ts';
import type { AsteriskInfo } from './generated/models.ts';
import type { AriError } from './errors.ts';
import type { AriResponse, RestTransport } from './ports.ts';
import { decodeAnswer } from './request.ts';

export interface Probe {
  readonly transport: RestTransport;
  readonly version: string;
  readonly startedAt: string;
}

/**
 * Finds the transport that works, by asking for the PBX's version over each in turn: an Asterisk without REST over
 * WebSocket leaves the frame unanswered, so trying tells what no version number can. The last failure is given back.
 */
export async function probe(
  transports: readonly RestTransport[],
  deadlineMs: number,
): Promise<Probe | AriError | undefined> {
  let failure: AriError | undefined;
  for (const transport of transports) {
    const answer = await transport.send('asterisk.getInfo', {}, deadlineMs);
    const info: AriResponse<AsteriskInfo> = decodeAnswer('asterisk.getInfo', answer);
    if (info.ok) return { transport, ...readInfo(info.body) };
    failure = info.error;
  }
  return failure;
}

function readInfo(info: AsteriskInfo): { version: string; startedAt: string } {
  const { system, status } = info;
  return {
    version: isObject(system) ? (system.version ?? '') : '',
    startedAt: isObject(status) ? (status.startup_time ?? '') : '',
  };
}
