// The cases of ../shared/real-world as their notes read them: counts of label folders, and weights in a model.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readLabels } from '../src/annotations/readLabels';
import { openWeights } from '../src/formats/openWeights';
import { loadWeights } from '../src/training/weights/loadWeights';
import type { NamedTensor, WeightTarget } from '../src/training/runtime';

const folder = resolve('../shared/real-world');
const isThere = existsSync(folder);

const labels: readonly (readonly [path: string, usable: number, counts: Readonly<Record<string, number>>])[] = [
  ['activitynet_v_prefix/anet_official_v_prefix', 3, { 'train videos': 2, 'val videos': 1 }],
  ['coco_ids/coco_string_ids', 2, { instances: 2 }],
  ['coco_ids/coco_mixed_id_types', 2, { instances: 2 }],
  ['coco_ids/coco_duplicate_identical_image', 2, { instances: 1 }],
  ['coco_ids/coco_repeated_images', 2, { instances: 3 }],
  ['face_masks_as_fakes/ff_mask_videos', 8, { instances: 8 }],
  ['face_masks_as_fakes/ff_mask_pictures_deepfakebench', 8, { pictures: 24 }],
  ['face_masks_as_fakes/ff_mask_pictures_in_c23', 8, { pictures: 24 }],
  ['json_nan/anet_infinity_pretty', 1, { instances: 1 }],
  ['json_nan/anet_nan', 1, { instances: 1 }],
  ['json_nan/coco_nan_area', 1, { instances: 2 }],
  ['utf16_not_recognised/ucf_train_list_utf16', 2, { normal: 1, abnormal: 1 }],
  ['utf16_not_recognised/ucf_utf16', 3, { spans: 3 }],
  ['utf16_not_recognised/voc_utf16_declared', 1, { instances: 1 }],
  ['voc_split_by_folder/voc_roboflow_folders', 13, { 'train images': 8, 'val images': 3, 'test images': 2 }],
  ['one_odd_array_costs_the_file/08_2d_longer_in_one_video', 2, { 'train recordings': 1, 'val recordings': 1 }],
];

/** Names and first values that must reach a model. */
const ramp = { 'conv.weight': [0, 1, 2], 'conv.bias': [1, -2] };
const averaged = { 'conv.weight': [-0.00216126, 0.154858], 'conv.bias': [-0.0465296, 0.0305459] };
const weights: readonly (readonly [path: string, values: Readonly<Record<string, readonly number[]>>])[] = [
  ['pth_crc_not_computed/01_crc_zero.pth', ramp],
  ['pth_crc_not_computed/10_rezipped_deflate.pth', ramp],
  ['one_odd_array_costs_the_file/03_expanded.pth', ramp],
  ['one_odd_array_costs_the_file/04_complex_buffer.pth', ramp],
  ['one_odd_array_costs_the_file/13b_sparse.pth', ramp],
  ['one_odd_array_costs_the_file/32_one_object_array.npz', { a: [0, 1, 2, 3, 4, 5] }],
  ['one_odd_array_costs_the_file/32b_one_structured.npz', { a: [0, 1, 2, 3, 4, 5] }],
  ['one_odd_array_costs_the_file/32c_one_complex.npz', { a: [0, 1, 2, 3, 4, 5] }],
  ['one_odd_array_costs_the_file/32d_bfloat16_void.npz', { a: [0, 1, 2, 3, 4, 5] }],
  ['one_odd_array_costs_the_file/25b_c64.safetensors', { v: [3] }],
  ['weights_errors_without_file/22_metadata_null.safetensors', { w: [1, 2] }],
  ['wrapper_prefix_with_a_stray_name/05_averaged_model.pth', averaged],
  ['wrapper_prefix_with_a_stray_name/05b_averaged_model_only.pth', averaged],
  ['wrapper_prefix_with_a_stray_name/06_lightning.ckpt', ramp],
  [
    'wrapper_prefix_with_a_stray_name/07b_orig_mod_inside.pth',
    { 'backbone.conv.weight': [0, 1, 2], 'head.weight': [1, 1] },
  ],
];
const shapes: Readonly<Record<string, readonly number[]>> = {
  'conv.weight': [2, 3, 2, 2],
  'conv.bias': [2],
  'backbone.conv.weight': [2, 3, 2, 2],
  'head.weight': [1, 2],
  a: [2, 3],
  v: [1],
  w: [2],
};

const fileAt = (path: string) => ({ path, blob: new Blob([readFileSync(join(folder, path))]) });

describe.skipIf(!isThere)('files of the real world', () => {
  it.each(labels)('%s has the counts of its note', async (path, usable, counts) => {
    const names = readdirSync(join(folder, path), { recursive: true, withFileTypes: true });
    const paths = names
      .filter((one) => one.isFile())
      .map((one) => join(one.parentPath, one.name).slice(folder.length + 1));
    const { report } = await readLabels(paths.map(fileAt));
    expect(report).toMatchObject({ usable, counts });
  });

  it.each(weights)('%s fills a model', async (path, values) => {
    const written = new Map<string, NamedTensor>();
    const model: WeightTarget = {
      shapes: new Map(Object.keys(values).map((name) => [name, shapes[name]!])),
      writeWeight: (name, one) => Promise.resolve(void written.set(name, one)),
    };
    const report = await loadWeights(await openWeights([fileAt(path)]), model);
    expect(report.initial).toEqual([]);
    for (const [name, first] of Object.entries(values))
      first.forEach((value, i) => expect(written.get(name)!.data[i]).toBeCloseTo(value, 5));
  });

  it.each(['21_truncated', '23_metadata_number', '26_only_metadata_broken'])('%s is refused by name', async (name) => {
    const path = `weights_errors_without_file/${name}.safetensors`;
    await expect(openWeights([fileAt(path)])).rejects.toThrow(path);
  });
});
