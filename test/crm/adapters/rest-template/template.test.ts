import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { parseTemplate } from '../../../../src/crm/index.ts';
import { problemText } from '../../../../src/rest/index.ts';

const good = `version: 1
id: desk
baseUrl: https://crm.example
numberFormats: [e164]
auth: { type: bearer, token: "\${env:TOKEN}" }
steps:
  - id: search
    url: /find
    query: { q: "{number}" }
    items: list
customer:
  id: id
  name: name
`;

const problems = (text: string): readonly string[] => {
  const parsed = parseTemplate(text, 'desk.yaml');
  return parsed.kind === 'problems' ? parsed.problems.map(problemText) : [];
};

describe('parseTemplate', () => {
  it('takes a good template, and its revision follows its text', () => {
    expect(problems(good)).toEqual([]);
    const [one, two] = [good, `${good}# more\n`].map((text) => parseTemplate(text, 'f'));
    expect(
      one?.kind === 'template' && two?.kind === 'template' && one.template.revision !== two.template.revision,
    ).toBe(true);
  });

  it.each(['sample.yaml', 'sample-simple.yaml', 'sample-oauth.yaml'])('takes the shipped %s', async (file) => {
    expect(
      problems(await readFile(new URL(`../../../../config/presets/crm/${file}`, import.meta.url), 'utf8')),
    ).toEqual([]);
  });

  it.each([
    [
      'a wrong key',
      ['items: list', 'itmes: list'],
      'desk.yaml:10:5: steps.0.itmes: no such key: remove it or correct its name',
    ],
    ['a missing key', ['id: desk\n', ''], 'desk.yaml:1:1: id: missing: add it'],
    ['a wrong type', ['[e164]', '7'], 'desk.yaml:4:1: numberFormats: must be array'],
    [
      'an unknown format',
      ['[e164]', '[e165]'],
      'desk.yaml:4:17: numberFormats.0: must be one of e164, digits, national',
    ],
    [
      'an unknown kind of auth',
      ['type: bearer', 'type: magic'],
      'desk.yaml:5:9: auth.type: must be one of none, basic',
    ],
    ['a missing key of the auth', ['token: "${env:TOKEN}"', ''], 'desk.yaml:5:1: auth.token: missing: add it'],
    [
      'an unknown value',
      ['{number}', '{phone}'],
      'desk.yaml:9:14: steps.0.query.q: {phone} is not known here: use number',
    ],
    ['a stray brace', ['{number}', '{number'], 'desk.yaml:9:14: steps.0.query.q: a brace stands alone'],
    ['a malformed secret', ['${env:TOKEN}', '${TOKEN}'], 'auth.token: write secrets as ${env:NAME} or ${file:/path}'],
    ['a way into prototypes', ['name: name', 'name: a.__proto__.b'], 'customer.name: the path leads to __proto__'],
    [
      'the same in JSON Pointer',
      ['name: name', 'name: /constructor/name'],
      'customer.name: the path leads to __proto__',
    ],
    [
      'an unknown function',
      ['name: name', 'name: { path: name, apply: [eval] }'],
      'no such function: use one of lower, upper',
    ],
    [
      'a wrong argument',
      ['name: name', 'name: { path: name, apply: [{ clamp: 3 }] }'],
      'clamp needs [lowest, highest]',
    ],
    ['a step of another host', ['url: /find', 'url: https://evil.example/'], 'steps.0.url: must begin with /'],
    ['an unknown root', ['name: name', 'name: { from: nowhere, path: name }'], 'no such step: use one of search, item'],
    ['a body without POST', ['items: list', 'json: {}'], 'steps.0.method: a body needs method: POST'],
    ['bad YAML', ['steps:', 'steps: ['], 'desk.yaml:'],
    ['an alias', ['id: desk', 'id: &a desk\nname: *a'], 'aliases are not allowed'],
    ['a key twice', ['id: desk', 'id: desk\nid: desk'], 'desk.yaml:3:1: Map keys must be unique'],
  ])('refuses %s, says where and how to mend it', (_what, [from, to], expected) => {
    expect(problems(good.replace(from ?? '', to ?? '')).join('\n')).toContain(expected);
  });

  it.each(['', 'null', '[]', '"x"', '\t', '%', `a: ${'x'.repeat(70_000)}`])('refuses %.20j', (text) => {
    expect(problems(text).length).toBeGreaterThan(0);
  });
});
