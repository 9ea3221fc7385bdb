// Everything recorded for the anomaly detector over FG-CLIP: metrics, narrow models, full-size ones.
import type { Recording } from '../../helpers/recording';
import { isLong, type GoldenGroup } from '../group';
import { imageCases } from './imageCases';
import { longCases } from './longCases';
import { metricCases } from './metricCases';
import { milCases } from './milCases';
import { videoCases } from './videoCases';

const holds =
  (name: string) =>
  (file: Recording): boolean =>
    file.has(name);

export const group: GoldenGroup = {
  tables: [{ files: ['metrics_vad'], cases: metricCases }],
  tensors: [
    { files: ['full_vitb16', 'full_vitb32_forward'], takes: isLong, cases: longCases },
    { files: ['tiny_video_roi', 'tiny_video_clips'], takes: holds('input.m0.video'), cases: videoCases },
    { files: ['tiny_image'], takes: holds('input.image'), cases: imageCases },
    { files: ['tiny_mil'], takes: holds('input.lengths'), cases: milCases },
  ],
};
