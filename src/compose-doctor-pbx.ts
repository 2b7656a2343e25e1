import { join } from 'node:path';
import type { NodeConfig } from '../config/index.ts';
import {
  type AgentOfMember,
  type Check,
  checkAmiRights,
  checkApplication,
  checkAppQueues,
  checkClock,
  checkDialplan,
  checkModules,
  checkPhoneStates,
  checkRequestTime,
  checkSessions,
  type DoctorParts,
  type Finding,
  judgeAmi,
  judgeAri,
  judgeVersion,
  notChecked,
  type OwnServer,
  said,
  visitAmi,
  visitAri,
} from './doctor/index.ts';

/** Asterisk's own, where it runs on this machine. */
const asteriskEtcDefault = '/etc/asterisk';

/** A node with the two connections that all of its checks share. */
export interface NodeVisit {
  readonly node: NodeConfig;
  readonly ari: ReturnType<typeof visitAri>;
  readonly ami: ReturnType<typeof visitAmi> | undefined;
}

/** Names of queues in queues.conf, and whose their members are. */
export interface MirroredHere {
  readonly queues: readonly string[];
  readonly agentOf: AgentOfMember;
}

interface Surroundings {
  readonly parts: DoctorParts;
  readonly own: Promise<OwnServer>;
  readonly agents: number;
  /** What is mirrored of a node's app_queue; none where nothing is. */
  readonly mirrored?: (nodeId: string) => MirroredHere | undefined;
  readonly asteriskEtc?: string;
}

export function visitNode(node: NodeConfig, parts: DoctorParts): NodeVisit {
  const { id: nodeId, ari, ami } = node;
  return {
    node,
    ari: visitAri({ nodeId, url: ari.url, user: ari.user, password: ari.password.reveal() }, parts),
    ami: ami && visitAmi({ ...ami, nodeId, secret: ami.secret.reveal() }, parts),
  };
}

/** The checks of one PBX. */
export function nodeChecks(visit: NodeVisit, surroundings: Surroundings): readonly Check[] {
  return [...ariChecks(visit, surroundings), ...amiChecks(visit, surroundings)];
}

type Add = (id: string, en: string, zh: string, run: () => Promise<Finding>) => Check;

const adder =
  (nodeId: string): Add =>
  (id, en, zh, run) => ({ id: `${nodeId}/${id}`, about: said(en, zh), run });

function ariChecks({ node, ari }: NodeVisit, { own, parts, agents, asteriskEtc }: Surroundings): readonly Check[] {
  const { application, deadlineMs, url } = node.ari;
  const add = adder(node.id);
  const etc = asteriskEtc ?? (isHere(new URL(url).hostname) ? asteriskEtcDefault : undefined);
  return [
    add('ari', 'ARI', 'ARI', async () => judgeAri(await ari)),
    add('version', 'version of Asterisk', 'Asterisk 版本', async () => {
      const visit = await ari;
      return visit.reached ? judgeVersion(visit.version) : notChecked('ARI is not reachable', 'ARI 不可达');
    }),
    add('modules', 'modules', '模块', async () => checkModules(await ari, deadlineMs)),
    add('application', 'ARI application', 'ARI 应用', async () =>
      checkApplication(await ari, { nodeId: node.id, application }, own, deadlineMs),
    ),
    add('requestTime', 'time of a request', '请求耗时', async () =>
      checkRequestTime(await ari, parts.stopwatch, deadlineMs),
    ),
    add('sessions', 'HTTP sessions', 'HTTP 会话', async () => {
      // Not before the link is up: our own would find no room.
      const visit = await ari;
      if (!visit.reached) return notChecked('ARI is not reachable', 'ARI 不可达');
      return checkSessions(url, etc === undefined ? undefined : join(etc, 'http.conf'), agents);
    }),
  ];
}

function amiChecks({ node, ari, ami }: NodeVisit, { parts, mirrored }: Surroundings): readonly Check[] {
  const { transferContext } = node;
  const { application, deadlineMs: ariDeadlineMs } = node.ari;
  const add = adder(node.id);
  if (!ami || !node.ami) {
    return [add('ami', 'AMI', 'AMI', async () => notChecked('no ami in the configuration', '配置中没有 ami'))];
  }
  const { deadlineMs, tls } = node.ami;
  const beside = mirrored?.(node.id);
  return [
    add('ami', 'AMI', 'AMI', async () => judgeAmi(await ami, tls)),
    add('amiRights', 'rights of the AMI user', 'AMI 用户权限', async () =>
      checkAmiRights(await ami, deadlineMs, beside !== undefined),
    ),
    ...(beside
      ? [
          add('appQueue', 'queues of app_queue', 'app_queue 队列', async () =>
            checkAppQueues(await ami, beside.queues, beside.agentOf, deadlineMs),
          ),
        ]
      : []),
    add('phoneStates', 'states of phones', '话机状态', async () =>
      checkPhoneStates(await ari, await ami, parts.clock, ariDeadlineMs),
    ),
    add('dialplan', 'dialplan', '拨号方案', async () =>
      checkDialplan(await ami, { application, transferContext }, deadlineMs),
    ),
    add('clock', 'clock', '时钟', async () => checkClock(await ami, parts.clock, deadlineMs)),
  ];
}

/** Loopback, as people write it. */
const isHere = (host: string): boolean => /^(localhost|127\.[\d.]+|\[?::1\]?)$/.test(host);
