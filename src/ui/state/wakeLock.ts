// Keeps the screen awake while it is wanted and the page is visible; the browser drops the lock whenever the tab is hidden.

export class WakeLock {
  #wanted = false;
  #sentinel: WakeLockSentinel | null = null;

  constructor() {
    document.addEventListener('visibilitychange', () => void this.#update());
  }

  want(wanted: boolean): void {
    this.#wanted = wanted;
    void this.#update();
  }

  async #update(): Promise<void> {
    if (!this.#wanted) {
      await this.#sentinel?.release();
      this.#sentinel = null;
      return;
    }
    if (document.visibilityState !== 'visible' || (this.#sentinel !== null && !this.#sentinel.released)) return;
    try {
      // Older browsers lack `wakeLock`, whatever the types say.
      this.#sentinel = (await (navigator as Partial<Navigator>).wakeLock?.request('screen')) ?? null;
    } catch {
      // Refused, for example on low battery: training goes on without it.
      this.#sentinel = null;
    }
  }
}
