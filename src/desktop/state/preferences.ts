import { defaultKeys, type KeyMap, readKeys } from '../keys/chords.ts';
import { type PopPolicy, popPolicies } from './pops.ts';

export type Theme = 'auto' | 'light' | 'dark';
export const themes: readonly Theme[] = ['auto', 'light', 'dark'];

/** What a person chose on this machine. Nothing of it is secret. */
export interface Preferences {
  /** Undefined: as the browser says. */
  readonly language: string | undefined;
  readonly theme: Theme;
  readonly pop: PopPolicy;
  readonly keys: KeyMap;
}

export const defaultPreferences: Preferences = { language: undefined, theme: 'auto', pop: 'ring', keys: defaultKeys };

/** `localStorage` cut down to what is used; a browser may refuse it altogether. */
export interface PreferenceStore {
  getItem(name: string): string | null;
  setItem(name: string, text: string): void;
}

const storeName = 'ringmaster.preferences';

export function loadPreferences(store: PreferenceStore): Preferences {
  let value: unknown;
  try {
    value = JSON.parse(store.getItem(storeName) ?? 'null');
  } catch {
    return defaultPreferences;
  }
  if (typeof value !== 'object' || value === null) return defaultPreferences;
  const { language, theme, pop, keys } = value as Record<string, unknown>;
  return {
    language: typeof language === 'string' ? language : undefined,
    theme: themes.find((known) => known === theme) ?? 'auto',
    pop: popPolicies.find((known) => known === pop) ?? 'ring',
    keys: readKeys(keys),
  };
}

export function savePreferences(store: PreferenceStore, preferences: Preferences): void {
  try {
    store.setItem(storeName, JSON.stringify(preferences));
  } catch {
    // Private windows and full stores: the choice lasts until the page is closed.
  }
}
