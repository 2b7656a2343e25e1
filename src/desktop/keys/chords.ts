/** What a key can do. */
export type KeyAction = 'accept' | 'reject' | 'hold' | 'hangUp' | 'transfer' | 'endWrapUp' | 'pause' | 'customer';

/** A key with its modifiers, as text: `Alt+Shift+A`. Letters by their place on the keyboard, so that any layout works. */
export type Chord = string;
export type KeyMap = Readonly<Record<KeyAction, Chord>>;

export const defaultKeys: KeyMap = {
  accept: 'Alt+Shift+A',
  reject: 'Alt+Shift+X',
  hold: 'Alt+Shift+H',
  hangUp: 'Alt+Shift+E',
  transfer: 'Alt+Shift+T',
  endWrapUp: 'Alt+Shift+W',
  pause: 'Alt+Shift+P',
  customer: 'Alt+Shift+C',
};

export const keyActions = Object.keys(defaultKeys) as KeyAction[];

/** What is used of a `KeyboardEvent`. */
export interface KeyPress {
  readonly code: string;
  readonly keyCode: number;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly shiftKey: boolean;
  readonly repeat: boolean;
  readonly isComposing: boolean;
  readonly defaultPrevented: boolean;
}

/** The code that browsers give to keys that an input method swallows. */
const composingKeyCode = 229;

/** The chord of a key press; undefined for one that composes text, repeats, was dealt with, or is only a modifier. */
export function chordOf(press: KeyPress): Chord | undefined {
  if (press.isComposing || press.keyCode === composingKeyCode || press.repeat || press.defaultPrevented)
    return undefined;
  const key = keyName(press.code);
  if (key === undefined) return undefined;
  const modifiers = [
    press.ctrlKey ? 'Ctrl' : '',
    press.altKey ? 'Alt' : '',
    press.metaKey ? 'Meta' : '',
    press.shiftKey ? 'Shift' : '',
  ];
  return [...modifiers.filter(Boolean), key].join('+');
}

function keyName(code: string): string | undefined {
  const letterOrDigit = /^(?:Key|Digit)([A-Z0-9])$/.exec(code)?.[1];
  if (letterOrDigit !== undefined) return letterOrDigit;
  return /^(F[1-9]|F1[0-9]|F2[0-4]|Arrow(Up|Down|Left|Right)|Home|End|PageUp|PageDown|Insert|Space|Enter)$/.test(code)
    ? code
    : undefined;
}

/** Only with Ctrl, Alt or Meta, or a function key: a single letter would fire while somebody dictates or types. */
export function isAllowed(chord: Chord): boolean {
  const parts = chord.split('+');
  if (parts.some((part) => part === 'Ctrl' || part === 'Alt' || part === 'Meta')) return true;
  return /^F\d+$/.test(parts.at(-1) ?? '');
}

export function actionOf(keys: KeyMap, chord: Chord): KeyAction | undefined {
  return keyActions.find((action) => keys[action] === chord);
}

/** The map with one chord changed, or why not. */
export function remap(
  keys: KeyMap,
  action: KeyAction,
  chord: Chord,
): { readonly ok: true; readonly keys: KeyMap } | { readonly ok: false; readonly takenBy?: KeyAction } {
  if (!isAllowed(chord)) return { ok: false };
  const takenBy = actionOf(keys, chord);
  if (takenBy !== undefined && takenBy !== action) return { ok: false, takenBy };
  return { ok: true, keys: { ...keys, [action]: chord } };
}

/** Keys from the store of the browser, where anything may stand. */
export function readKeys(value: unknown): KeyMap {
  if (typeof value !== 'object' || value === null) return defaultKeys;
  let keys = defaultKeys;
  for (const [action, chord] of Object.entries(value)) {
    if (!keyActions.includes(action as KeyAction) || typeof chord !== 'string') continue;
    const result = remap(keys, action as KeyAction, chord);
    if (result.ok) keys = result.keys;
  }
  return keys;
}
