const contextLines = 3;

/** What a change does to a file, as `diff -u` would show one that is all in one place; empty when nothing changes. */
export function unifiedDiff(file: string, before: string | undefined, after: string | undefined): string {
  if (before === after) return '';
  const old = linesOf(before);
  const now = linesOf(after);
  let head = 0;
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < old.length - head && tail < now.length - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const from = Math.max(0, head - contextLines);
  const oldEnd = Math.min(old.length, old.length - tail + contextLines);
  const nowEnd = Math.min(now.length, now.length - tail + contextLines);
  const show = (mark: string, lines: readonly string[]): string[] => lines.map((line) => `${mark}${line}`);
  return [
    `--- ${before === undefined ? '/dev/null' : file}`,
    `+++ ${after === undefined ? '/dev/null' : file}`,
    `@@ -${from + 1},${oldEnd - from} +${from + 1},${nowEnd - from} @@`,
    ...show(' ', old.slice(from, head)),
    ...show('-', old.slice(head, old.length - tail)),
    ...show('+', now.slice(head, now.length - tail)),
    ...show(' ', old.slice(old.length - tail, oldEnd)),
    '',
  ].join('\n');
}

function linesOf(text: string | undefined): readonly string[] {
  if (text === undefined || text === '') return [];
  const lines = text.replace(/\r/g, '').split('\n');
  if (lines.at(-1) === '') lines.pop();
  else lines.push('\\ No newline at end of file');
  return lines;
}
