// Everything recorded for the clip classifier: tables, operators, pictures, models from narrow ones to the published.
import type { Recording } from '../../helpers/recording';
import { isLong, type GoldenGroup } from '../group';
import { fullModel, smallModel } from '../steps';
import { placesOf, recordedMntsm } from './model';
import { operatorCases } from './operatorCases';
import { pictureCases } from './pictureCases';
import { tableCases } from './tableCases';

const isModel = (file: Recording): boolean => 'shift_mode' in file.json<object>('config', {});

export const group: GoldenGroup = {
  tables: [{ files: ['tables'], cases: tableCases }],
  tensors: [
    {
      files: ['ops'],
      takes: (file) => file.has('input.loss.z'),
      async *cases(file, device) {
        yield* pictureCases(file);
        yield* operatorCases(file, device);
      },
    },
    {
      files: ['full_small', 'full_small_050', 'full_medium'],
      takes: (file) => isModel(file) && isLong(file),
      async *cases(file, device) {
        yield placesOf(file);
        yield* fullModel(recordedMntsm(file), device);
      },
    },
    {
      files: ['tiny', 'tiny_resshift', 'tiny_upstream'],
      takes: isModel,
      async *cases(file, device) {
        yield placesOf(file);
        yield* smallModel(recordedMntsm(file), device, { variants: true });
      },
    },
  ],
};
