// What the reader prefers: theme and language, kept in localStorage and put on the root element.
import { en, type Strings } from '../strings/en';
import type { LocaleTag } from '../strings/taskStrings';

export type ThemeChoice = 'system' | 'light' | 'dark';

const themeKey = 'tabtune.theme';
const localeKey = 'tabtune.locale';

function stored(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // Storage may be blocked; preferences then last as long as the page.
    return null;
  }
}

function store(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // As above.
  }
}

function themeChoice(value: string | null): ThemeChoice {
  return value === 'light' || value === 'dark' ? value : 'system';
}

class Preferences {
  readonly #systemDark = matchMedia('(prefers-color-scheme: dark)');
  readonly #still = matchMedia('(prefers-reduced-motion: reduce)');
  #choice = $state<ThemeChoice>(themeChoice(stored(themeKey)));
  #dark = $state(this.#systemDark.matches);
  #reducedMotion = $state(this.#still.matches);
  #locale = $state<LocaleTag>(document.documentElement.lang === 'zh-CN' ? 'zh-CN' : 'en');
  #text = $state.raw<Strings>(en);

  constructor() {
    this.#systemDark.addEventListener('change', (event) => {
      this.#dark = event.matches;
      this.#showTheme();
    });
    this.#still.addEventListener('change', (event) => (this.#reducedMotion = event.matches));
  }

  get themeChoice(): ThemeChoice {
    return this.#choice;
  }

  /** The theme on show: canvases redraw when it changes. */
  get theme(): 'light' | 'dark' {
    if (this.#choice !== 'system') return this.#choice;
    return this.#dark ? 'dark' : 'light';
  }

  get reducedMotion(): boolean {
    return this.#reducedMotion;
  }

  get locale(): LocaleTag {
    return this.#locale;
  }

  get text(): Strings {
    return this.#text;
  }

  chooseTheme(choice: ThemeChoice): void {
    this.#choice = choice;
    store(themeKey, choice);
    this.#showTheme();
  }

  async chooseLocale(locale: LocaleTag): Promise<void> {
    await this.#load(locale);
    store(localeKey, locale);
  }

  /** Loads the strings of the language that the page opened with. */
  async load(): Promise<void> {
    await this.#load(this.#locale);
  }

  async #load(locale: LocaleTag): Promise<void> {
    const text = locale === 'zh-CN' ? (await import('../strings/zhCN')).zhCN : en;
    this.#text = text;
    this.#locale = locale;
    document.documentElement.lang = locale;
  }

  #showTheme(): void {
    document.documentElement.dataset.theme = this.theme;
  }
}

export const preferences = new Preferences();
