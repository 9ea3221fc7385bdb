// The keys of OpenTAD's configuration that this model follows (spec sections 5 to 8): what each means in our settings.
import { always, isNone, same, withoutSetting, words, type Recipe, type RecipeKey } from '../recipeKeys';
import type { Remark } from '../task';

const remark = (code: string, message: string): Remark => ({ code, message, detail: {} });

const notes = {
  pretrained: remark('adatad-recipe-pretrained', 'Choose the file of weights under “Start from weights”.'),
  start: remark('adatad-recipe-start', 'Validation comes every so many epochs from the first one on.'),
  voting: remark(
    'adatad-recipe-voting',
    'The published code suppresses classes one by one, where voting among segments has no effect.',
  ),
  frozen: remark('adatad-recipe-frozen', 'What learns of the backbone the setting “Trained” says.'),
  machine: remark('adatad-recipe-machine', 'About files, loaders and logs of the other program; nothing to set here.'),
};

/** OpenTAD averages weights with one decay: its switch says whether. */
const averaging: RecipeKey = {
  key: 'solver.ema',
  also: ['ema'],
  covers: [],
  accepts: ['true', 'false'],
  read(value) {
    if (isNone(value)) return { settings: { emaDecay: 0 } };
    return value === true ? { settings: { emaDecay: 0.999 } } : null;
  },
};

/** Frames that lie so far apart in the video: what a feature stands for, times what is left out between two. */
const stride: RecipeKey = same('dataset.feature_stride', 'stride', { also: ['feature_stride', 'frame_interval'] });

/** `true` stands for what mmaction does. */
function switchOf(key: string, also: readonly string[], setting: string, usual: number): RecipeKey {
  return {
    key,
    also,
    covers: [setting],
    read(value) {
      if (isNone(value)) return { settings: { [setting]: 0 } };
      if (value === true) return { settings: { [setting]: usual } };
      return typeof value === 'number' ? { settings: { [setting]: value } } : null;
    },
    write: (settings) => settings[setting],
  };
}

export const recipe: Recipe = [
  withoutSetting(['model.backbone.custom.pretrain', 'pretrain', 'pretrained'], notes.pretrained),
  same('model.backbone.backbone.embed_dims', 'width', { also: ['embed_dims'] }),
  same('model.backbone.backbone.depth', 'depth', { also: ['depth'] }),
  same('model.backbone.backbone.num_heads', 'heads', { also: ['num_heads'] }),
  same('model.backbone.backbone.drop_path_rate', 'dropPath', { also: ['drop_path_rate'] }),
  withoutSetting(['model.backbone.custom.norm_eval', 'norm_eval', 'freeze_backbone'], notes.frozen),
  same('model.projection.out_channels', 'channels', { also: ['out_channels'] }),
  same('model.projection.drop_path', 'detectorDropPath'),
  same('window_size', 'frames', { also: ['num_frames', 'dataset.window_size', 'scene_frames'] }),
  stride,
  same('img_size', 'imageSize', { also: ['resolution'] }),
  switchOf('augment.flip', ['hflip', 'flip_ratio'], 'flip', 0.5),
  switchOf('augment.imgaug', ['imgaug'], 'operations', 2),
  words('augment.random_resized_crop', 'randomCrop', { true: true, false: false }, { also: ['random_resized_crop'] }),
  same('solver.train.batch_size', 'batch', { also: ['batch_size'] }),
  same('solver.grad_accum_steps', 'accumulation', { otherwise: 1, also: ['grad_accum_steps'] }),
  words('optimizer.type', 'optimizer', { adamw: 'AdamW', adam: 'Adam' }, { also: ['optimizer'] }),
  same('optimizer.lr', 'learningRate', { also: ['lr'] }),
  same('optimizer.backbone.adapter.lr', 'adapterRate', { also: ['lr_adapter', 'adapter_lr'] }),
  same('optimizer.weight_decay', 'weightDecay', { otherwise: 0, also: ['weight_decay'] }),
  words(
    'scheduler.type',
    'schedule',
    { linearwarmupcosineannealinglr: 'cosine', cosine: 'cosine', constant: 'constant', none: 'constant' },
    { also: ['scheduler'] },
  ),
  same('scheduler.warmup_epoch', 'warmUpEpochs', { otherwise: 0, also: ['warmup_epoch'] }),
  same('scheduler.max_epoch', 'scheduleEpochs', { also: ['max_epoch'] }),
  same('workflow.end_epoch', 'epochs', { also: ['end_epoch', 'epochs'] }),
  same('workflow.val_eval_interval', 'validateEvery', { also: ['val_eval_interval'] }),
  withoutSetting(['workflow.val_start_epoch', 'val_start_epoch'], notes.start),
  same('solver.clip_grad_norm', 'clipNorm', { otherwise: 0, also: ['clip_grad_norm'] }),
  same('solver.amp', 'mixedPrecision', { also: ['amp'] }),
  averaging,
  same('dataset.test.window_overlap_ratio', 'overlap', { also: ['window_overlap_ratio'] }),
  same('post_processing.nms.sigma', 'suppression', { also: ['sigma'] }),
  always('post_processing.nms.use_soft_nms', 'true'),
  always('post_processing.nms.multiclass', 'true'),
  withoutSetting(['post_processing.nms.voting_thresh'], notes.voting),
  same('seed', 'seed'),
  withoutSetting(
    [
      'work_dir',
      'solver.train.num_workers',
      'solver.val',
      'solver.test',
      'num_workers',
      'static_graph',
      'solver.static_graph',
      'solver.fp16_compress',
      'workflow.logging_interval',
      'workflow.checkpoint_interval',
      'annotation_path',
      'class_map',
      'data_path',
    ],
    notes.machine,
  ),
];
