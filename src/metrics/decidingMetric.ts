// Which metric chooses the best epoch.

/** The task's `usual` one, or the first where a run's settings make it judge by others. */
export function decidingMetric(usual: string, metrics: Readonly<Record<string, number>>): string {
  return usual in metrics ? usual : (Object.keys(metrics)[0] ?? usual);
}
