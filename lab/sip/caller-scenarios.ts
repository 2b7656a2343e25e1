/** What a sipp caller expects and does; a call that goes otherwise has failed. */
export interface CallerOptions {
  /**
   * `talk`: is answered, hangs up after `holdMs`; `listen`: is answered, waits until the other side hangs up;
   * `cancel`: gives up after `holdMs` of ringing; `refused`: expects the final status `status`.
   */
  readonly behaviour: 'talk' | 'listen' | 'cancel' | 'refused';
  /** Each caller hesitates before the INVITE, by chance for up to so long: they come at random instead of in step. */
  readonly hesitateMs?: number;
  readonly holdMs?: number;
  readonly status?: number;
}

/** The number of each caller comes as the first field of its line in the file given by `-inf`. */
export function callerScenario({ behaviour, hesitateMs = 0, holdMs = 100, status = 486 }: CallerOptions): string {
  const steps: Record<CallerOptions['behaviour'], readonly string[]> = {
    talk: [...answered, pause(holdMs), request('BYE', { cseq: 2, branch: '[branch]' }), '<recv response="200"/>'],
    listen: [...answered, '<recv request="BYE"/>', ok],
    cancel: [
      invite,
      '<recv response="100" optional="true"/>',
      '<recv response="180"/>',
      pause(holdMs),
      request('CANCEL', { cseq: 1, branch: INVITE_BRANCH, to: '' }),
      '<recv response="200"/>',
      '<recv response="487"/>',
      request('ACK', { cseq: 1, branch: INVITE_BRANCH }),
    ],
    refused: [invite, ...progress, `<recv response="${status}"/>`, request('ACK', { cseq: 1, branch: INVITE_BRANCH })],
  };
  return `<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="caller ${behaviour}">
${[...hesitation(hesitateMs), ...steps[behaviour]].join('\n')}
</scenario>
`;
}

/** A CANCEL and the ACK of a refusal belong to the INVITE's transaction, so they carry its branch. */
const INVITE_BRANCH = 'z9hG4bK[pid]caller[call_number]';

const hesitation = (maxMs: number): readonly string[] =>
  maxMs > 0 ? [`<pause distribution="uniform" min="0" max="${maxMs}"/>`] : [];

const pause = (ms: number): string => `<pause milliseconds="${ms}"/>`;

const head = (method: string, cseq: number, branch: string, to: string): string => `
${method} sip:[service]@[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch};rport
Max-Forwards: 70
From: <sip:[field0]@[local_ip]>;tag=[pid]caller[call_number]
To: <sip:[service]@[remote_ip]>${to}
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Contact: <sip:[field0]@[local_ip]:[local_port]>`;

function request(method: string, at: { readonly cseq: number; readonly branch: string; readonly to?: string }): string {
  const text = `${head(method, at.cseq, at.branch, at.to ?? '[peer_tag_param]')}\nContent-Length: 0\n\n`;
  return `<send${method === 'BYE' ? ' retrans="500"' : ''}><![CDATA[${text}]]></send>`;
}

const invite = `<send retrans="500"><![CDATA[${head('INVITE', 1, INVITE_BRANCH, '')}
Content-Type: application/sdp
Content-Length: [len]

v=0
o=caller 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
]]></send>`;

const progress = ['100', '180', '183'].map((status) => `<recv response="${status}" optional="true"/>`);
const answered = [invite, ...progress, '<recv response="200"/>', request('ACK', { cseq: 1, branch: '[branch]' })];

const ok = `<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>`;
