import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDirectoryCsv } from '../../../src/crm/directory/csv.ts';
import { defaultNumberPlan, Directory, memoryDirectoryStore } from '../../../src/crm/index.ts';
import { ask, rig } from '../support/rig.ts';

const limits = { bytesMax: 10_000, rowsMax: 3 };
const read = (content: string | Uint8Array) => parseDirectoryCsv(content, defaultNumberPlan, limits);
const problemsOf = (content: string | Uint8Array) => {
  const outcome = read(content);
  return outcome.kind === 'problems' ? outcome.problems : [];
};

describe('parseDirectoryCsv', () => {
  it('reads Chinese headers, a BOM, several numbers and marks', () => {
    const outcome = read(
      '\ufeff姓名,电话,等级,贵宾,黑名单,标签\n王秀英,13900000001；010-88889999,gold,是,否,老客户、企业\n',
    );
    expect(outcome).toMatchObject({
      kind: 'rows',
      rows: [
        {
          numbers: ['13900000001', '010-88889999'],
          customer: {
            name: '王秀英',
            tier: 'gold',
            vip: true,
            blacklisted: false,
            tags: ['老客户', '企业'],
            id: 'directory:+8613900000001',
          },
        },
      ],
    });
  });

  it('reads English headers in any case, bytes, quotes and CRLF', () => {
    const outcome = read(Buffer.from('Phone,NAME,Value,unknown column\r\n13900000001,"Miller, ""Bob""",42,x\r\n'));
    expect(outcome).toMatchObject({ kind: 'rows', rows: [{ customer: { name: 'Miller, "Bob"', value: 42 } }] });
  });

  it.each([
    ['an empty file', '', { line: 1, message: 'the file is empty: the first line names the columns' }],
    ['no phone column', 'name\nx\n', { line: 1, column: 'phone' }],
    [
      'a column twice',
      'name,phone,tel\nx,1,2\n',
      { line: 1, column: 'phone', message: 'the column is there twice: remove one' },
    ],
    [
      'a bad number',
      'name,phone\na,13900000001\nb,hello\n',
      { line: 3, column: 'phone', message: 'number 1 is no phone number' },
    ],
    ['no name', 'name,phone\n,13900000001\n', { line: 2, column: 'name' }],
    ['no number', 'name,phone\na,\n', { line: 2, column: 'phone' }],
    ['a bad value', 'name,phone,value\na,13900000001,101\n', { line: 2, column: 'value' }],
    ['a bad mark', 'name,phone,vip\na,13900000001,maybe\n', { line: 2, column: 'vip' }],
    ['too many cells', 'name,phone\na,13900000001,x\n', { line: 2 }],
    ['an open quote', 'name,phone\n"a,13900000001\n', { message: expect.stringContaining('not readable as CSV') }],
    ['too many rows', `name,phone\n${'a,13900000001\n'.repeat(4)}`, { line: 5, message: 'at most 3 rows are read' }],
    ['too many bytes', 'x'.repeat(10_001), { line: 1, message: 'the file has 10001 bytes, at most 10000 are read' }],
    [
      'another encoding',
      Buffer.from([0x6e, 0xd0, 0xd5, 0xc3, 0xfb]),
      { line: 1, message: expect.stringContaining('not UTF-8') },
    ],
  ])('refuses %s and says where', (_what, content, problem) => {
    expect(problemsOf(content)).toContainEqual(expect.objectContaining(problem));
  });

  it('never throws and never repeats a cell', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.uint8Array(),
          fc.string().map((cell) => `name,phone\nsecret${cell},${cell}\n`),
        ),
        (content) => {
          for (const { message } of problemsOf(content)) expect(message).not.toContain('secret');
        },
      ),
      { seed: 11, numRuns: 500 },
    );
  });
});

describe('the directory', () => {
  it('alone answers at once, and again after a restart', async () => {
    const outcome = read('name,phone,blacklist\na,13900000001,0\nb,13900000001,1\n');
    if (outcome.kind !== 'rows') throw new Error('the file is right');
    const store = memoryDirectoryStore();
    await new Directory(defaultNumberPlan, store).replace('t', outcome.rows);
    const directory = new Directory(defaultNumberPlan, store);
    await directory.load('t');
    expect(directory.find('t', '+8613900000001')).toMatchObject({ name: 'a', blacklisted: true });
    expect(directory.find('other', '+8613900000001')).toBeUndefined();
    expect(directory.size('t')).toBe(1);
  });

  it('is the lookup of a site without a CRM', async () => {
    const { customer } = await import('../support/rig.ts');
    const lookup = await rig({ known: { '13900000001': customer('d') } });
    expect(ask(lookup).settled).toMatchObject([{ status: 'fresh', source: 'directory', customer: { id: 'd' } }]);
    expect(ask(lookup, '13900000002').settled).toEqual([{ status: 'none', source: 'directory' }]);
    expect(lookup.health()).toEqual({ redis: 'off', breaker: 'closed' });
  });
});
