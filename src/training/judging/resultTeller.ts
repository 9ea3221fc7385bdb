// Tells results while an item is judged: often enough to watch, seldom enough to cost nothing.
import type { UserError } from '../../errors';
import type { JudgeConfig } from './judgeProtocol';
import type { Judged } from './judgeItem';
import type { ItemHead, JudgedResult } from './judgedResult';
import type { OpenedItem } from './taskJudge';

/** Milliseconds between two results, and the share of the time that telling may take. */
const least = 250;
const share = 0.1;

/** Of damaged places a result names so many. */
const mostNotices = 20;

export class ResultTeller {
  readonly #config: JudgeConfig;
  readonly #name: string;
  readonly #tell: (result: JudgedResult, secondsLeft: number) => void;
  readonly #notices: JudgedResult['notices'][number][] = [];
  readonly #resultId = crypto.randomUUID();
  readonly #createdAt = Date.now();
  #opened: OpenedItem | null = null;
  #beganAt = 0;
  #nextAt = 0;

  constructor(config: JudgeConfig, name: string, tell: (result: JudgedResult, secondsLeft: number) => void) {
    this.#config = config;
    this.#name = name;
    this.#tell = tell;
  }

  notice({ code, message, detail }: UserError): void {
    if (this.#notices.length < mostNotices) this.#notices.push({ code, message, detail });
  }

  begin(opened: OpenedItem): void {
    this.#opened = opened;
    this.#beganAt = performance.now();
  }

  /** The item is judged up to this time; tells it where there was none for a while. */
  async tell(untilSeconds: number): Promise<void> {
    const now = performance.now();
    if (now < this.#nextAt || !this.#opened) return;
    const { seconds } = this.#opened.head;
    const left = untilSeconds > 0 ? ((now - this.#beganAt) / 1000) * (seconds / untilSeconds - 1) : NaN;
    await this.#say({ untilSeconds, whole: false }, Math.max(0, left));
    const after = performance.now();
    this.#nextAt = after + Math.max(least, (after - now) / share);
  }

  async end(judged: Judged): Promise<void> {
    await this.#say(judged, 0);
  }

  async #say({ untilSeconds, whole }: Judged, secondsLeft: number): Promise<void> {
    const { weightsName, task, settings, facts } = this.#config;
    const opened = this.#opened!;
    const head: ItemHead = opened.head;
    const result: JudgedResult = {
      ...{ format: 'tabtune-result', version: 1, resultId: this.#resultId, task, name: this.#name },
      ...{ createdAt: this.#createdAt, by: { name: weightsName, settings, facts }, head },
      ...{ untilSeconds: whole ? head.seconds : untilSeconds, whole, notices: this.#notices },
      findings: await opened.findings(),
    };
    this.#tell(result, secondsLeft);
  }
}
