// Recipes in other programs' keys: what is understood, what is not and on which line, and that what is written reads back.
import { describe, expect, it, test } from 'vitest';
import { recipe as actionRecipe } from '../../src/models/adatad/recipe';
import { task as actionTask } from '../../src/models/adatad/task';
import { recipe } from '../../src/models/mntsm/recipe';
import { task } from '../../src/models/mntsm/task';
import { task as pose } from '../../src/models/pose/task';
import { presetSettings } from '../../src/ui/config/settingValues';
import { readRecipe, writeRecipe } from '../../src/ui/config/recipeYaml';
import { zhCN } from '../../src/ui/strings/zhCN';

const read = (text: string) => readRecipe(text, task, recipe);

/** Every line of the recipe's list after its improvements (spec section 14). */
const recommended = `
seed: 42
loss: focal_bce
class_balance:
  gamma: 2.0
  auto_pos_weight: false
sampler: { type: balanced }
lr: 3e-4
optimizer: adamw
weight_decay: 0.01
lr_scheduler:
  type: cosine
  warmup_epochs: 3
  min_lr: 0.00003
pretrained: true
model_name: mobilenetv4_conv_small_050.e3000_r224_in1k
fold_div: 4
n_segment: 8
aggregate: attention
amp: true
grad_accum_steps: 2
batch_size: 32
cudnn.benchmark: on
early_stop: { metric: video_auc, mode: max, patience: 10, min_delta: 0.002 }
monitor_secondary: clip_auc
augment:
  hflip: RandomHorizontalFlip(0.5)
  color_jitter: [0.2, 0.2, 0.2, 0.1]
bn_freeze: first 1/3
dropout: 0.3
val_every: 2
epochs: 50
input_size: 224
`;

/** The same list before them. */
const before = `
loss: bce
class_balance: { gamma: none, auto_pos_weight: true }
sampler.type: none
lr: 0.001
weight_decay: 0.01
lr_scheduler: none
fold_div: 8
aggregate: mean
grad_accum_steps: 1
batch_size: 32
early_stop: { patience: 8, min_delta: none }
augment.hflip: none
augment.color_jitter: none
bn_freeze: off
dropout: 0
val_every: 1
amp: off
`;

describe('the recipe of the clip classifier', () => {
  it('after its improvements is the preset "recommended"', () => {
    const { settings, unknown, problems, understood } = read(recommended);
    expect({ unknown, problems }).toEqual({ unknown: [], problems: [] });
    expect(presetSettings(task, 'recommended')).toMatchObject(settings);
    expect(Object.keys(settings).length).toBeGreaterThan(30);
    const notes = understood.flatMap(({ key, note }) => (note ? [[key, note.code]] : []));
    expect(notes).toEqual([
      ['pretrained', 'mntsm-recipe-pretrained'],
      ['cudnn.benchmark', 'mntsm-recipe-tuning'],
      ['monitor_secondary', 'mntsm-recipe-secondary'],
    ]);
  });

  it('before them is the preset "baseline"', () => {
    const { settings, unknown, problems } = read(before);
    expect({ unknown, problems }).toEqual({ unknown: [], problems: [] });
    const { gamma, ...others } = settings;
    expect(gamma).toBe(0);
    expect(presetSettings(task, 'baseline')).toMatchObject(others);
    expect(others).toMatchObject({ schedule: 'constant', sampler: 'none', flip: 0, frozenShare: 0 });
  });

  it.each([
    ['sampler: balanced', { sampler: 'balanced' }],
    ['class_balance: true', { positiveWeight: 'ratio' }],
    ['pos_weight: sqrt', { positiveWeight: 'squareRoot' }],
    ['aggregate: attention_logit', { pooling: 'logit' }],
    ['model_name: mobilenetv4_conv_medium', { model: 'mobilenetv4_conv_medium' }],
    [
      'model_name: mobilenetv4_conv_small.e2400_r224_in1k',
      { model: 'mobilenetv4_conv_small', normalisation: 'imagenet' },
    ],
    [
      'model_name: mobilenetv4_conv_small.e3600_r256_in1k\nnormalize: none',
      { model: 'mobilenetv4_conv_small', normalisation: 'none' },
    ],
    ['augment.hflip: true', { flip: 0.5 }],
    [
      'augment: {color_jitter: "ColorJitter(0.4, 0.3)"}',
      { jitterBrightness: 0.4, jitterContrast: 0.3, jitterSaturation: 0, jitterHue: 0 },
    ],
    ['augment: {color_jitter: {hue: 0.05}}', { jitterHue: 0.05 }],
    ['bn_freeze: 0.5', { frozenShare: 0.5 }],
    ['bn_freeze: first 0.25', { frozenShare: 0.25 }],
    ['augment.hflip: RandomHorizontalFlip', { flip: 0.5 }],
    ['freeze_bn: true', { frozenShare: 0.3333, frozenPart: 'both' }],
    ['shift_edge: zero\nsplit: random_by_video', { shiftEdges: 'zeros', split: 'video' }],
    ['amp: yes', { mixedPrecision: true }],
    ['learningRate: 0.01\ntabtune:\n  recompute: false', { learningRate: 0.01, recompute: false }],
    ['OPTIMIZER: adam\noptimizer: ADAM', { optimizer: 'Adam' }],
  ])('understands %j', (text, settings) => {
    expect(read(text).settings).toEqual(settings);
  });

  it('passes over what the other program alone needs, with all that lies below', () => {
    const { understood, unknown } = read('wandb:\n  enable: false\n  project: x\nresume_from: none\n');
    expect(unknown).toEqual([]);
    expect(understood.map(({ key, note, settings }) => [key, note?.code, settings])).toEqual([
      ['wandb.enable', 'mntsm-recipe-machine', {}],
      ['wandb.project', 'mntsm-recipe-machine', {}],
      ['resume_from', 'mntsm-recipe-resume', {}],
    ]);
  });
});

describe('what is wrong with a recipe', () => {
  it('names unknown keys with their lines', () => {
    const { unknown, settings } = read('lr: 0.001\nlearning: 3\nclass_balance:\n  gamma: 1\n  beta: 2\n');
    expect(unknown).toEqual([
      { key: 'learning', line: 2 },
      { key: 'class_balance.beta', line: 5 },
    ]);
    expect(settings).toEqual({ learningRate: 0.001, gamma: 1 });
  });

  it.each([
    ['batch_size: many', { key: 'batch_size', line: 1, code: 'recipe-whole' }],
    ['\nbatch_size: 0', { line: 2, code: 'recipe-whole', detail: { minimum: 1, maximum: 1024, value: '0' } }],
    ['batch_size: 2.5', { code: 'recipe-whole' }],
    ['dropout: 1.5', { code: 'recipe-range', message: 'dropout is 1.5, but must be a number from 0 to 0.9.' }],
    ['lr: [1, 2]', { code: 'recipe-value', message: 'lr cannot be [1, 2] here.' }],
    ['loss: ce', { code: 'recipe-choice', message: 'loss is ce, but here it can only be focal_bce, bce.' }],
    ['face: mtcnn', { code: 'recipe-choice', detail: { choices: 'none, centre, center, box1.3' } }],
    ['early_stop: {metric: clip_auc}', { key: 'early_stop.metric', code: 'recipe-choice' }],
    ['amp: fp16', { code: 'recipe-choice', detail: { choices: 'true, false' } }],
    ['augment: {color_jitter: [0.2, 0.2, 0.2, 0.9]}', { code: 'recipe-range', detail: { maximum: 0.5 } }],
    ['bn_freeze: half', { code: 'recipe-value', message: 'bn_freeze cannot be half here.' }],
    ['augment: {color_jitter: bright}', { code: 'recipe-value' }],
    ['augment.hflip: VerticalFlip(0.5)', { code: 'recipe-value' }],
    ['sampler: {type: balanced}\nsampler.type: none', { line: 2, code: 'recipe-twice' }],
  ])('finds %j', (text, problem) => {
    const { problems } = read(text);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatchObject(problem);
  });

  it('does not take over what is out of range, and the rest all the same', () => {
    expect(read('dropout: 1.5\nlr: 0.001').settings).toEqual({ learningRate: 0.001 });
  });

  it.each([
    ['lr: 0.001\nsampler: {type: balanced\nepochs: 3', 'yaml-syntax', 3],
    ['lr: 1\nlr: 2', 'yaml-syntax', 2],
    ['a:\n\t- b', 'yaml-syntax', 2],
    ['{'.repeat(100_000), 'yaml-syntax', 1],
    ['just words', 'yaml-map', 1],
    ['- 1\n- 2', 'yaml-map', 1],
    ['x'.repeat(2 ** 20 + 1), 'yaml-size', 1],
  ])('tells broken YAML by its line: %.40j', (text, code, line) => {
    const { settings, understood, problems } = read(text);
    expect({ settings, understood }).toEqual({ settings: {}, understood: [] });
    expect(problems).toMatchObject([{ key: '', code, line }]);
  });

  it('finds nothing in an empty file', () => {
    expect(read('# nothing yet\n')).toEqual({ settings: {}, understood: [], unknown: [], problems: [] });
  });
});

test.each(task.presets.map(({ name }) => name))('the preset %s reads back as it was written', (name) => {
  const settings = presetSettings(task, name);
  const text = writeRecipe(settings, task, recipe);
  const { unknown, problems, settings: again } = read(text);
  expect({ unknown, problems }).toEqual({ unknown: [], problems: [] });
  expect(again).toEqual(settings);
});

/** OpenTAD's e2e_thumos_videomae_s_768x1_160_adapter.py, and what it takes from its base files. */
const published = `
window_size: 768
dataset: { feature_stride: 4, test: { window_overlap_ratio: 0.5 } }
model:
  backbone:
    backbone: { embed_dims: 384, depth: 12, num_heads: 6, drop_path_rate: 0.1 }
    custom: { pretrain: pretrained/vit-small.pth, norm_eval: false }
  projection: { out_channels: 512 }
img_size: 160
augment: { flip: 0.5, imgaug: true, random_resized_crop: true }
solver:
  train: { batch_size: 1, num_workers: 2 }
  val: { batch_size: 2, num_workers: 2 }
  clip_grad_norm: 1
  amp: true
  fp16_compress: true
  static_graph: true
  ema: true
optimizer:
  type: AdamW
  lr: 1e-4
  weight_decay: 0.05
  backbone: { adapter: { lr: 2e-4 } }
scheduler: { type: LinearWarmupCosineAnnealingLR, warmup_epoch: 5, max_epoch: 100 }
post_processing: { nms: { use_soft_nms: true, sigma: 0.7, multiclass: true, voting_thresh: 0.7 } }
workflow: { logging_interval: 50, checkpoint_interval: 2, val_eval_interval: 2, val_start_epoch: 40, end_epoch: 60 }
work_dir: exps/thumos
`;

describe('the recipe of the action detector', () => {
  it('as published is the preset "upstream"', () => {
    const { settings, unknown, problems } = readRecipe(published, actionTask, actionRecipe);
    expect({ unknown, problems }).toEqual({ unknown: [], problems: [] });
    expect(presetSettings(actionTask, 'upstream')).toMatchObject(settings);
    expect(Object.keys(settings).length).toBeGreaterThan(25);
  });

  it.each(actionTask.presets.map(({ name }) => name))('reads the preset %s back as it was written', (name) => {
    const settings = presetSettings(actionTask, name);
    const text = writeRecipe(settings, actionTask, actionRecipe);
    expect(readRecipe(text, actionTask, actionRecipe)).toMatchObject({ settings, unknown: [], problems: [] });
  });
});

test('a task without keys of its own uses its settings’ names', () => {
  const settings = presetSettings(pose, 'demo');
  const text = writeRecipe(settings, pose);
  expect(text).toMatch(/^# Tabtune settings, task pose\n/);
  expect(text).toMatch(/^learningRate: 0\.004$/m);
  expect(readRecipe(text, pose).settings).toEqual(settings);
});

const sources = import.meta.glob<string>(['../../src/formats/yaml.ts', '../../src/ui/config/recipeYaml.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

test('everything that can be wrong is said in Chinese', () => {
  const codes = Object.values(sources).flatMap((text) => [...text.matchAll(/'((?:yaml|recipe)-[a-z]+)'/g)]);
  expect(codes.length).toBeGreaterThan(7);
  for (const [, code] of codes) expect(zhCN.errors[code!]?.({ key: 'lr' }), code).toMatch(/[\u4e00-\u9fff]/);
});
