import { describe, expect, it } from 'vitest';
import { contactUri, formatResponse, header, parseSip } from '../../lab/sip/message.ts';
import { phoneScenario } from '../../lab/sip/scenarios.ts';

const ok = [
  'SIP/2.0 200 OK',
  'v: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK1',
  'Via: SIP/2.0/UDP 127.0.0.1:5061;branch=z9hG4bK2',
  'CSeq: 1 INVITE',
  'Contact: "A" <sip:1001@127.0.0.1:5070;ob>;expires=60',
  '',
  'v=0',
].join('\r\n');

describe('SIP messages', () => {
  it('reads responses, compact and repeated headers', () => {
    const message = parseSip(ok);
    expect(message).toMatchObject({ status: 200, method: '', reason: 'OK' });
    expect(message?.headers.get('via')).toHaveLength(2);
    expect(message && contactUri(message)).toBe('sip:1001@127.0.0.1:5070;ob');
  });

  it('reads requests, and answers with the headers that must come back', () => {
    const request = parseSip(
      'BYE sip:x@127.0.0.1 SIP/2.0\r\nVia: a\r\nVia: b\r\nFrom: f\r\nTo: t\r\nCall-ID: c\r\nCSeq: 2 BYE\r\n\r\n',
    );
    const answer = request && parseSip(formatResponse(request, '200 OK', []));
    expect(answer?.headers.get('via')).toEqual(['a', 'b']);
    expect(answer && ['from', 'to', 'call-id', 'cseq'].map((name) => header(answer, name))).toEqual([
      'f',
      't',
      'c',
      '2 BYE',
    ]);
  });

  it.each(['', '\r\n\r\n', 'HTTP/1.1 200 OK\r\n\r\n', 'bye sip:x SIP/2.0\r\n'])('knows that %j is not SIP', (text) => {
    expect(parseSip(text)).toBeUndefined();
  });
});

describe('phone scenarios', () => {
  it.each(['answer', 'busy', 'decline', 'noAnswer', 'answerThenDrop'] as const)(
    '%s jumps only to labels that exist',
    (behaviour) => {
      for (const answerAfterMs of [0, 100]) {
        const xml = phoneScenario({ behaviour, answerAfterMs });
        const labels = new Set([...xml.matchAll(/<label id="(\d+)"/g)].map(([, id]) => id));
        const targets = [...xml.matchAll(/(?:next|ontimeout)="(\d+)"/g)].map(([, id]) => id);
        expect(targets.filter((id) => !labels.has(id))).toEqual([]);
      }
    },
  );
});
