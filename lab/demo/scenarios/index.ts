import type { Scenario } from '../scenario.ts';
import { afterHours } from './after-hours.ts';
import { agentDeclines } from './agent-declines.ts';
import { askedByAgi, askedByCurl, claimed, serverStopped } from './asked-by-dialplan.ts';
import { attendedTransfer } from './attended-transfer.ts';
import { besideAppQueue } from './beside-app-queue.ts';
import { callbackKept } from './callback-kept.ts';
import { callerGivesUp } from './caller-gives-up.ts';
import { busyThenAnswered, clickToDial, doNotCall } from './calling-out.ts';
import { crmDead } from './crm-dead.ts';
import { crmSlow } from './crm-slow.ts';
import { englishCaller } from './english-caller.ts';
import { holdAndTransfer } from './hold-and-transfer.ts';
import { menuChoice } from './menu-choice.ts';
import { messageAtNight } from './message-at-night.ts';
import { recordedCall } from './recorded-call.ts';
import { ringAll } from './ring-all.ts';
import { relaxation, stickyAgent } from './rules.ts';
import { skillMatch } from './skill-match.ts';
import { ticketByRule, ticketDeskDown } from './ticket.ts';
import { unknownCaller } from './unknown-caller.ts';
import { vipOvertakes } from './vip-overtakes.ts';

/** The fixed set, in the order in which it is played. The CRM dies near the end: its breaker needs a while to close. The server is stopped at last. */
export const scenarios: readonly Scenario[] = [
  skillMatch,
  relaxation,
  stickyAgent,
  vipOvertakes,
  unknownCaller,
  crmSlow,
  agentDeclines,
  ringAll,
  callerGivesUp,
  holdAndTransfer,
  attendedTransfer,
  recordedCall,
  menuChoice,
  englishCaller,
  afterHours,
  clickToDial,
  busyThenAnswered,
  doNotCall,
  callbackKept,
  askedByCurl,
  askedByAgi,
  claimed,
  besideAppQueue,
  ticketByRule,
  ticketDeskDown,
  messageAtNight,
  crmDead,
  serverStopped,
];
