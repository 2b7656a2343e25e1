/** How a sipp phone treats each call that reaches it. */
export interface PhoneOptions {
  readonly behaviour: 'answer' | 'busy' | 'decline' | 'noAnswer' | 'answerThenDrop';
  /** Ringing time before the answer. Default 0. */
  readonly answerAfterMs?: number;
  /** The phone hangs up this long after the answer. Without it the other side does; for answerThenDrop default 50. */
  readonly talkMs?: number;
}

/** The sipp scenario (XML) of a phone. It ends well on CANCEL while ringing and on BYE while talking. */
export function phoneScenario(options: PhoneOptions): string {
  return `<?xml version="1.0" encoding="UTF-8" ?>
<scenario name="phone ${options.behaviour}">
${steps(options).join('\n')}
</scenario>
`;
}

const LONG_MS = 3_600_000;

function steps(options: PhoneOptions): string[] {
  const { behaviour, answerAfterMs = 0 } = options;
  switch (behaviour) {
    case 'busy':
      return [receiveInvite, respond('486 Busy Here'), receiveAck];
    case 'decline':
      return [receiveInvite, respond('180 Ringing'), ...pause(answerAfterMs), respond('603 Decline'), receiveAck];
    case 'noAnswer':
      return [receiveInvite, respond('180 Ringing'), receiveCancel, ...whenCancelled];
    case 'answer':
      return [...answer(answerAfterMs), ...talk(options.talkMs), ...cancelTail(answerAfterMs)];
    case 'answerThenDrop':
      return [...answer(answerAfterMs), ...talk(options.talkMs ?? 50), ...cancelTail(answerAfterMs)];
  }
}

function answer(afterMs: number): string[] {
  const ring =
    afterMs > 0 ? [`<recv request="CANCEL" timeout="${afterMs}" ontimeout="1" next="3"/>`, '<label id="1"/>'] : [];
  return [receiveInvite, respond('180 Ringing'), ...ring, respond('200 OK', sdpBody), '<recv request="ACK"/>'];
}

function talk(talkMs: number | undefined): string[] {
  if (talkMs === undefined) return [`<recv request="BYE" timeout="${LONG_MS}"/>`, respond('200 OK'), '<nop next="9"/>'];
  return [
    `<recv request="BYE" timeout="${talkMs}" ontimeout="2" next="4"/>`,
    '<label id="2"/>',
    bye,
    '<recv response="200" next="9"/>',
    '<label id="4"/>',
    respond('200 OK'),
    '<nop next="9"/>',
  ];
}

const cancelTail = (answerAfterMs: number): string[] =>
  answerAfterMs > 0 ? ['<label id="3"/>', ...whenCancelled, '<label id="9"/>'] : ['<label id="9"/>'];

const pause = (ms: number): string[] => (ms > 0 ? [`<pause milliseconds="${ms}"/>`] : []);

/** Keeps what a 487 and a BYE of ours need from the INVITE. */
const receiveInvite = `<recv request="INVITE">
  <action>
    <ereg regexp="[0-9]+" search_in="hdr" header="CSeq:" assign_to="invite_cseq"/>
    <ereg regexp="&lt;?(sip:[^&gt;;]+)" search_in="hdr" header="Contact:" assign_to="contact_raw,remote_uri"/>
    <ereg regexp=".*" search_in="hdr" header="From:" assign_to="invite_from"/>
    <ereg regexp=".*" search_in="hdr" header="To:" assign_to="invite_to"/>
  </action>
</recv>
<Reference variables="contact_raw,invite_from,invite_to,remote_uri,invite_cseq"/>`;

const receiveAck = '<recv request="ACK"/>';
const receiveCancel = `<recv request="CANCEL" timeout="${LONG_MS}"/>`;

const OUR_TAG = '[pid]phone[call_number]';

function respond(line: string, body = ''): string {
  const type = body ? 'Content-Type: application/sdp\n' : '';
  return `<send><![CDATA[
SIP/2.0 ${line}
[last_Via:]
[last_From:]
[last_To:];tag=${OUR_TAG}
[last_Call-ID:]
[last_CSeq:]
Contact: <sip:phone@[local_ip]:[local_port]>
Allow: INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE
${type}Content-Length: [len]

${body}]]></send>`;
}

const sdpBody = `v=0
o=phone 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [media_ip]
t=0 0
m=audio [media_port] RTP/AVP 0
a=rtpmap:0 PCMU/8000
`;

/** The CANCEL gets its 200, the INVITE its 487 with the INVITE's own sequence number. */
const whenCancelled = [
  respond('200 OK'),
  `<send><![CDATA[
SIP/2.0 487 Request Terminated
[last_Via:]
[last_From:]
[last_To:];tag=${OUR_TAG}
[last_Call-ID:]
CSeq: [$invite_cseq] INVITE
Content-Length: 0

]]></send>`,
  receiveAck,
];

const bye = `<send retrans="500"><![CDATA[
BYE [$remote_uri] SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
Max-Forwards: 70
From:[$invite_to];tag=${OUR_TAG}
To:[$invite_from]
[last_Call-ID:]
CSeq: 1 BYE
Content-Length: 0

]]></send>`;
