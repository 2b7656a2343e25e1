import { describe, expect, it } from 'vitest';
import {
  actionOf,
  chordOf,
  defaultKeys,
  isAllowed,
  keyActions,
  type KeyPress,
  readKeys,
  remap,
} from '../../src/desktop/keys/chords.ts';

const press = (code: string, part: Partial<KeyPress> = {}): KeyPress => ({
  code,
  keyCode: 65,
  ctrlKey: false,
  altKey: false,
  metaKey: false,
  shiftKey: false,
  repeat: false,
  isComposing: false,
  defaultPrevented: false,
  ...part,
});
const altShift = { altKey: true, shiftKey: true };

describe('a key press', () => {
  it.each([
    [press('KeyA', altShift), 'Alt+Shift+A'],
    [press('Digit1', { ctrlKey: true }), 'Ctrl+1'],
    [press('F9'), 'F9'],
    [press('KeyA', { metaKey: true, ctrlKey: true }), 'Ctrl+Meta+A'],
    [press('KeyA'), 'A'],
  ])('%o is %s', (pressed, chord) => {
    expect(chordOf(pressed)).toBe(chord);
  });

  it.each([
    ['of an input method', { ...altShift, isComposing: true }],
    ['that an input method swallowed', { ...altShift, keyCode: 229 }],
    ['that repeats', { ...altShift, repeat: true }],
    ['that was dealt with', { ...altShift, defaultPrevented: true }],
  ])('%s is none', (_, part) => {
    expect(chordOf(press('KeyA', part))).toBeUndefined();
  });

  it.each(['ShiftLeft', 'AltRight', 'Escape', 'Tab', 'Process'])('of %s is none', (code) => {
    expect(chordOf(press(code, altShift))).toBeUndefined();
  });
});

describe('the map of keys', () => {
  it('has for each action a chord of its own that is allowed', () => {
    expect(new Set(Object.values(defaultKeys)).size).toBe(keyActions.length);
    for (const chord of Object.values(defaultKeys)) expect(isAllowed(chord)).toBe(true);
    expect(actionOf(defaultKeys, 'Alt+Shift+H')).toBe('hold');
  });

  it.each(['A', 'Shift+A', '7', 'Space', 'Enter', 'ArrowUp'])(
    'never holds %s: it would fire while somebody types',
    (chord) => {
      expect(remap(defaultKeys, 'hold', chord)).toEqual({ ok: false });
    },
  );

  it('can be changed, but not so that one chord does two things', () => {
    expect(remap(defaultKeys, 'hold', 'F8')).toMatchObject({
      ok: true,
      keys: { hold: 'F8', accept: defaultKeys.accept },
    });
    expect(remap(defaultKeys, 'hold', defaultKeys.accept)).toEqual({ ok: false, takenBy: 'accept' });
    expect(remap(defaultKeys, 'hold', defaultKeys.hold)).toMatchObject({ ok: true });
  });

  it.each([
    [null, defaultKeys],
    ['text', defaultKeys],
    [{ hold: 'H', fly: 'F1', reject: 5 }, defaultKeys],
    [{ hold: 'F8' }, { ...defaultKeys, hold: 'F8' }],
    [{ hold: defaultKeys.accept }, defaultKeys],
  ])('read from %j', (stored, keys) => {
    expect(readKeys(stored)).toEqual(keys);
  });
});
