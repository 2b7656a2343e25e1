import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findBlock, withBlock, withoutBlock } from '../../src/install/block.ts';

const body = '[ringmaster-entry]\nexten => _X!,1,Stasis(ringmaster)\n; 中文\n';
const put = (text: string | undefined, lines = body): string => withBlock(text, lines, 'x.conf');
const take = (text: string): string | undefined => withoutBlock(text, 'x.conf');
const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as { code: string }).code;
  }
  return 'taken';
};

describe('our block in somebody else’s file', () => {
  it.each<[string, string | undefined]>([
    ['a file', '[default]\nexten => 1,1,Hangup()\n'],
    ['a file without a final line end', '[default]\nexten => 1,1,Hangup()'],
    ['a file with CRLF', '[default]\r\nexten => 1,1,Hangup()\r\n'],
    ['CRLF without a final line end', '[default]\r\nexten => 1,1,Hangup()'],
    ['an empty file', ''],
    ['a missing file', undefined],
    ['one empty line', '\n'],
    ['bytes of another encoding', '; \xd6\xd0\xce\xc4\n\xff'],
  ])('comes and goes without a trace: %s', (_name, before) => {
    const once = put(before);
    expect(put(once)).toBe(once);
    expect(findBlock(once, 'x.conf')?.edited).toBe(false);
    expect(take(once)).toBe(before);
    expect(once.startsWith(before ?? '')).toBe(true);
  });

  it('leaves every byte as it was, whatever the file, however often installed and with whatever lines', () => {
    const text = fc.array(fc.constantFrom('a', '\n', '\r\n', '\r', ';', ' ', '\xff', '[x]'), { maxLength: 30 });
    const lines = fc.array(fc.constantFrom('x', '; y', ''), { maxLength: 5 }).map((parts) => `${parts.join('\n')}\n`);
    fc.assert(
      fc.property(text, fc.array(lines, { minLength: 1, maxLength: 4 }), (parts, bodies) => {
        const before = parts.join('');
        const after = bodies.reduce<string>((file, one) => put(file, one), before);
        expect(take(after)).toBe(before);
      }),
    );
  });

  it('replaces its own lines where they are, and keeps what others wrote after them', () => {
    const file = `${put('[a]')}[mine]\n`;
    const again = put(file, 'other\n');
    expect(again).toContain('other\n; <<< ringmaster\n[mine]\n');
    expect(take(again)).toBe('[a]\n[mine]\n');
    expect(take(`${put(undefined)}[mine]\n`)).toBe('[mine]\n');
  });

  it('uses the line ends of the file', () => {
    expect(put('a\r\n').replaceAll('\r\n', '')).not.toMatch(/[\r\n]/);
    expect(findBlock(put('a\r\n').replaceAll('\r\n', '\n'), 'x')?.edited).toBe(false);
  });

  it('writes UTF-8, whatever the file has', () => {
    expect(Buffer.from(put('\xff\n'), 'latin1').includes(Buffer.from('中文', 'utf8'))).toBe(true);
  });

  it('notices a change within its lines', () => {
    const edited = put('').replace('Stasis(ringmaster)', 'Dial(PJSIP/1)');
    expect(findBlock(edited, 'x.conf')?.edited).toBe(true);
  });

  const whole = put('a\n');
  const [opening = '', closing = ''] = whole
    .split('\n')
    .filter((line) => line.includes('ringmaster') && /[<>]{3}/.test(line));
  it.each([
    ['without its end', whole.replace(`${closing}\n`, '')],
    ['without its beginning', whole.replace(`${opening}\n`, '')],
    ['twice', `${whole}${whole}`],
    ['turned round', `${closing}\n${opening}\n`],
    ['with a mangled beginning', whole.replace(opening, `${opening} !`)],
    ['with a mangled end', whole.replace(closing, ';<<< Ringmaster')],
    ['with a second beginning inside', whole.replace('[ringmaster-entry]', opening)],
  ])('is left alone %s', (_name, text) => {
    expect([code(() => findBlock(text, 'x')), code(() => put(text)), code(() => take(text))]).toEqual(
      Array(3).fill('install.markers_damaged'),
    );
  });
});
