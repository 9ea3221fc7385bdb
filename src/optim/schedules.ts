// Learning-rate schedules as closed formulas: a rate depends on the step (or epoch) alone, so a resumed run needs no state.

/** Learning rate in force at `t`, counted from 0; `t` counts steps or epochs, as the caller chooses. */
export type Schedule = (t: number) => number;

/** The same rate throughout. */
export function constant(base: number): Schedule {
  return () => base;
}

/** PyTorch's StepLR: times `gamma` after every `stepSize`. */
export function stepDecay(base: number, stepSize: number, gamma: number): Schedule {
  return (t) => base * gamma ** Math.floor(t / stepSize);
}

/** PyTorch's ExponentialLR. */
export function exponential(base: number, gamma: number): Schedule {
  return (t) => base * gamma ** t;
}

/** PyTorch's MultiStepLR: times `gamma` at each milestone. */
export function multiStep(base: number, milestones: readonly number[], gamma: number): Schedule {
  return (t) => base * gamma ** milestones.filter((milestone) => t >= milestone).length;
}

/** PyTorch's CosineAnnealingLR: half a cosine from `base` at 0 to `minimum` at `length`. */
export function cosine(base: number, length: number, minimum = 0): Schedule {
  return (t) => cosineBetween(base, minimum, t / length);
}

/** PyTorch's CosineAnnealingWarmRestarts: cycles of `first`, `first * factor`, `first * factor²`, … */
export function warmRestarts(base: number, first: number, factor: number, minimum = 0): Schedule {
  return (t) => {
    let start = 0;
    let length = first;
    while (t >= start + length) {
      start += length;
      length *= factor;
    }
    return cosineBetween(base, minimum, (t - start) / length);
  };
}

export interface WarmUp {
  /** Steps of warm-up. */
  readonly warmUp: number;
  /** Where the cosine reaches `minimum`, warm-up included. */
  readonly total: number;
  readonly minimum?: number;
}

/**
 * OpenTAD's LinearWarmupCosineAnnealingLR: from `start` at step 0 to `base` at step warmUp - 1, which holds
 * for one more step, then a cosine.
 */
export function linearWarmUpCosine(base: number, options: WarmUp & { readonly start?: number }): Schedule {
  const { warmUp, total, start = 0, minimum = 0 } = options;
  return (t) => {
    if (t < warmUp) return warmUp === 1 ? start : start + (t * (base - start)) / (warmUp - 1);
    return cosineBetween(base, minimum, (t - warmUp) / (total - warmUp));
  };
}

/** OpenTAD's LinearWarmupMultiStepLR: t * base / warmUp, then times `gamma` at each milestone. */
export function linearWarmUpMultiStep(
  base: number,
  warmUp: number,
  milestones: readonly number[],
  gamma: number,
): Schedule {
  const afterwards = multiStep(base, milestones, gamma);
  return (t) => (t < warmUp ? (t * base) / warmUp : afterwards(t));
}

/** Warm-up from `base * startRatio` that reaches `base` at step warmUp, then a cosine to `base * minimumRatio`. */
export function warmUpCosine(
  base: number,
  options: Omit<WarmUp, 'minimum'> & { readonly startRatio?: number; readonly minimumRatio?: number },
): Schedule {
  const { warmUp, total, startRatio = 0, minimumRatio = 0 } = options;
  return (t) => {
    if (t < warmUp) return base * (startRatio + ((1 - startRatio) * t) / warmUp);
    return cosineBetween(base, base * minimumRatio, (t - warmUp) / (total - warmUp));
  };
}

/** Warm-up per epoch that already reaches `base` in its last epoch: base * (e + 1) / warmUp, then a cosine. */
export function epochWarmUpCosine(base: number, { warmUp, total, minimum = 0 }: WarmUp): Schedule {
  return (epoch) => {
    if (epoch < warmUp) return (base * (epoch + 1)) / warmUp;
    return cosineBetween(base, minimum, (epoch - warmUp) / (total - warmUp));
  };
}

export interface OneCycle {
  readonly total: number;
  /** Share of the steps that the rate climbs. */
  readonly climb?: number;
  /** The first rate is highest / divide. */
  readonly divide?: number;
  /** The last rate is the first rate / finalDivide. */
  readonly finalDivide?: number;
}

/** PyTorch's OneCycleLR with cosine annealing. */
export function oneCycle(highest: number, options: OneCycle): Schedule {
  const { total, climb = 0.3, divide = 25, finalDivide = 1e4 } = options;
  const first = highest / divide;
  const top = climb * total - 1;
  return (t) =>
    t <= top
      ? cosineBetween(first, highest, t / top)
      : cosineBetween(highest, first / finalDivide, (t - top) / (total - 1 - top));
}

/** `from` at share 0, `to` at share 1, half a cosine between. */
function cosineBetween(from: number, to: number, share: number): number {
  return to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2;
}
