// The strings of the tasks that were loaded so far; what shows them is drawn again when more arrive.
import type { TaskStringsByLocale } from '../strings/taskStrings';

type Load = (name: string) => Promise<TaskStringsByLocale | undefined>;

export class TaskTexts {
  readonly #load: Load;
  #texts = $state.raw<Readonly<Record<string, TaskStringsByLocale>>>({});

  constructor(load: Load) {
    this.#load = load;
  }

  of(name: string): TaskStringsByLocale | undefined {
    return this.#texts[name];
  }

  async load(name: string): Promise<void> {
    const strings = await this.#load(name);
    if (strings) this.#texts = { ...this.#texts, [name]: strings };
  }
}
