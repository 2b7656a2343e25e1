import { describe, expect, it } from 'vitest';
import { isAmong } from '../../src/bridge/rule-books.ts';

describe('a share by id', () => {
  it('takes about as many as it says, always the same, and grows without letting anybody go', () => {
    const ids = Array.from({ length: 10_000 }, (_, index) => `rm-0199-${index}`);
    const ten = ids.filter((id) => isAmong(id, 10));
    expect(ten.length).toBeGreaterThan(900);
    expect(ten.length).toBeLessThan(1_100);
    expect(ten.every((id) => isAmong(id, 20))).toBe(true);
    expect(ids.filter((id) => isAmong(id, 0))).toEqual([]);
    expect(ids.filter((id) => isAmong(id, 100))).toEqual(ids);
  });
});
