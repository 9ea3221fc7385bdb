// Why a run cannot start yet, and what fits a device that the settings did not, in English.
import { count } from '../format/quantities';

const number = (value: number) => count('en', value);

export const startEn = {
  start: {
    reasons: {
      gpu: 'Waiting for the GPU.',
      sizing: 'Sizing the demo for this GPU.',
      files: 'Reading the files.',
      weights: 'Opening the chosen weights.',
      'no-gpu': 'There is no GPU to train on.',
      run: 'A run is under way.',
      'bad-weights': 'The chosen weights cannot be used: remove them or choose others.',
      data: 'Choose data to begin.',
      unusable: 'None of the chosen files can be trained on.',
      setting: 'A setting needs attention before training can start.',
    },
    readingOf: (done: number, total: number) => `Reading ${number(done)} of ${number(total)} files.`,
    smaller: 'Smaller settings may fit this device.',
    smallerBatch: (batch: number, accumulation: number) =>
      `Batch ${number(batch)}, accumulation ${number(accumulation)}`,
    smallerFrames: (frames: number) => `Half the frames: ${number(frames)}`,
    kept: (effective: number) => `With accumulation the effective batch stays ${number(effective)}.`,
  },
};
