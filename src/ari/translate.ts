import type { AriEvent, StasisStart } from './generated/models.ts';
import { type BareFact, DIALLED_MARK, isAnswered, type LegBook } from './legs.ts';
import { cleanArgs, cleanText } from './sanitise.ts';

/** Argument of `Stasis()` in dialplans that leave us only so long to take the call: `Stasis(ringmaster,4001,bounded)`. */
export const BOUNDED_MARK = 'bounded';
const CALLER_CHARS_MAX = 128;
/** How Asterisk names the channel that stands for the other call of a phone which gave its caller to it. */
const ATTENDED_NAME = 'Local/_attended@transfer';

/** What an event means to a call, and of which leg or bridge the PBX must be asked whether it lives on. */
export interface Reading {
  readonly facts: readonly BareFact[];
  readonly confirmLeg?: string;
  readonly confirmBridge?: string;
  /** A call that the PBX offers to several servers. */
  readonly broadcast?: { readonly legId: string; readonly dialledNumber: string };
  /** A caller whom the dialplan handed over under a time limit, which ends with our taking the call. */
  readonly unbound?: string;
}

const NOTHING: Reading = { facts: [] };
const facts = (...list: BareFact[]): Reading => ({ facts: list });

/** Translates one event into our words and keeps the book of legs; events of legs that are not ours mean nothing. */
export function translate(event: AriEvent, legs: LegBook): Reading {
  switch (event.type) {
    case 'CallBroadcast': {
      const { id: legId, dialplan } = event.channel;
      return { facts: [], broadcast: { legId, dialledNumber: cleanText(dialplan.exten, CALLER_CHARS_MAX) } };
    }
    case 'StasisStart':
      return entered(event, legs);
    case 'ChannelStateChange':
      return { facts: legs.stateChanged(event.channel.id, event.channel.state) };
    case 'Dial':
      legs.noteDialStatus(event.peer.id, event.dialstatus);
      return NOTHING;
    case 'ChannelHangupRequest':
      legs.noteHangup(event.channel.id, event.cause ?? 0);
      return NOTHING;
    case 'StasisEnd':
      return departed(event.channel.id, legs);
    case 'ChannelDestroyed':
      return { facts: legs.ended(event.channel.id, event.cause) };
    case 'PlaybackFinished':
      return facts({
        kind: 'playbackEnded',
        playbackId: event.playback.id,
        failed: event.playback.state === 'failed',
      });
    case 'RecordingFinished':
    case 'RecordingFailed': {
      const { name: recordingId, duration = 0, talking_duration: talked } = event.recording;
      // A leg without any media has a recording of no length: that says nothing about who spoke.
      const heard = talked !== undefined && duration > 0 ? { talkedMs: talked * 1_000 } : {};
      return facts({ kind: 'recordingEnded', recordingId, failed: event.type === 'RecordingFailed', ...heard });
    }
    case 'ChannelDtmfReceived':
      return ofLeg(legs, { kind: 'keyPressed', legId: event.channel.id, key: event.digit });
    case 'ChannelHold':
      return ofLeg(legs, { kind: 'legHeld', legId: event.channel.id });
    case 'ChannelUnhold':
      return ofLeg(legs, { kind: 'legUnheld', legId: event.channel.id });
    case 'BridgeDestroyed':
      return { facts: [], confirmBridge: event.bridge.id };
    default:
      return NOTHING;
  }
}

function ofLeg(legs: LegBook, fact: BareFact & { readonly legId: string }): Reading {
  return legs.has(fact.legId) ? facts(fact) : NOTHING;
}

function entered({ channel, args, replace_channel: replaced }: StasisStart, legs: LegBook): Reading {
  const legId = channel.id;
  const answered = isAnswered(channel);
  if (replaced) {
    // Answered or not, it stands where one stood that was: whether somebody is behind it is the dialplan's business.
    legs.add(legId, { dialled: false, answered: true, entered: true });
    const attended = channel.name.startsWith(ATTENDED_NAME);
    return facts({ kind: 'legReplaced', legId: replaced.id, byLegId: legId, attended });
  }
  const dialled = args[0] === DIALLED_MARK;
  // Somebody sent it elsewhere (a phone's transfer key, Redirect), and the way led back to us before that was confirmed.
  const before = legs.isAway(legId) ? legs.gone(legId, true) : [];
  legs.add(legId, { dialled, answered, entered: true });
  if (dialled) {
    return answered
      ? facts({ kind: 'legEntered', legId }, { kind: 'legAnswered', legId })
      : facts({ kind: 'legEntered', legId });
  }
  const arrived = facts(...before, {
    kind: 'legArrived',
    legId,
    callerNumber: cleanText(channel.caller.number, CALLER_CHARS_MAX),
    callerName: cleanText(channel.caller.name, CALLER_CHARS_MAX),
    dialledNumber: cleanText(channel.dialplan.exten, CALLER_CHARS_MAX),
    args: cleanArgs(args),
    answered,
    ...(channel.language ? { language: cleanText(channel.language, 32) } : {}),
  });
  return args.includes(BOUNDED_MARK) ? { ...arrived, unbound: legId } : arrived;
}

function departed(legId: string, legs: LegBook): Reading {
  const known = legs.left(legId);
  return known ? { facts: known } : { facts: [], confirmLeg: legId };
}
