import { expect, it } from 'vitest';
import { memberFinder } from '../../src/mirror/index.ts';

const find = memberFinder({
  agents: [
    { id: 'li', endpoint: 'PJSIP/1001' },
    { id: 'wang', endpoint: 'PJSIP/a', devices: [{ endpoint: 'PJSIP/a' }, { endpoint: 'PJSIP/b' }] },
    { id: 'zhao', endpoint: 'PJSIP/1001', nodeId: 'pbx2' },
  ],
  forms: ['Local/{name}@from-queue/n'],
  named: [
    { interface: 'Local/77@agents', agent: 'li' },
    { interface: 'PJSIP/b', agent: 'li', node: 'pbx3' },
  ],
});

it.each([
  ['the phone itself', 'pbx1', 'PJSIP/1001', 'PJSIP/1001', 'li'],
  ['a phone of that node goes before', 'pbx2', 'PJSIP/1001', 'PJSIP/1001', 'zhao'],
  ['the second of several phones', 'pbx1', 'PJSIP/b', 'PJSIP/b', 'wang'],
  ['as FreePBX dials', 'pbx1', 'Local/1001@from-queue/n', 'hint:1001@ext-local', 'li'],
  ['by whose state counts', 'pbx1', 'Local/x@y', 'PJSIP/a', 'wang'],
  ['one that is named', 'pbx1', 'Local/77@agents', 'Local/77@agents', 'li'],
  ['one that is named there only', 'pbx3', 'PJSIP/b', 'PJSIP/b', 'li'],
  ['nobody', 'pbx1', 'PJSIP/9', 'PJSIP/9', undefined],
])('finds whose a member is: %s', (_, node, dialled, state, agent) => {
  expect(find(node, dialled, state)).toBe(agent);
});
