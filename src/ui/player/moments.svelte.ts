// Which of a run's passes a view shows: the one before training, or the latest.

export interface RunMoments<View> {
  readonly before: View | null;
  readonly now: View | null;
  readonly after: View | null;
}

export class Moments<View> {
  readonly #of: () => RunMoments<View>;
  #wantsBefore = $state(false);

  /** The latest pass: the one after training once it has ended. */
  readonly latest: View | null = $derived.by(() => this.#of().after ?? this.#of().now);
  readonly showsBefore: boolean = $derived(this.before !== null && (this.#wantsBefore || this.latest === null));
  readonly shown: View | null = $derived(this.showsBefore ? this.before : this.latest);
  /** The pass before training, where a later one is on show: what it is compared with. */
  readonly beside: View | null = $derived(this.showsBefore ? null : this.before);

  constructor(of: () => RunMoments<View>) {
    this.#of = of;
  }

  get before(): View | null {
    return this.#of().before;
  }

  get ended(): boolean {
    return this.#of().after !== null;
  }

  choose(moment: 'before' | 'latest'): void {
    this.#wantsBefore = moment === 'before';
  }
}
