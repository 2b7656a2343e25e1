import { afterAll, expect, it } from 'vitest';

type Hold = (name: string, run: () => Promise<void>) => void;

/** `it` for what not every PBX has: a behaviour with a reason in `lacks` is not held. A reason for what no test has fails. */
export function exclusive(
  lacks: Readonly<Record<string, string>>,
): (name: string, run: () => Promise<void>, note?: string) => void {
  const lacking = new Set<string>();
  afterAll(() => expect([...lacking].sort()).toEqual(Object.keys(lacks).sort()));
  const lets: Hold = (name) => void lacking.add(name);
  return (name, run, note = '') => {
    const hold: Hold = lacks[name] === undefined ? it : lets;
    hold(lacks[name] === undefined ? `${name}${note}` : name, run);
  };
}
