// The keys of the training recipe that this model follows (spec section 14): what each means in our settings.
import {
  always,
  isNone,
  same,
  withoutSetting,
  words,
  type Recipe,
  type RecipeKey,
  type RecipeValue,
} from '../recipeKeys';
import type { Remark } from '../task';

const remark = (code: string, message: string): Remark => ({ code, message, detail: {} });

const notes = {
  pretrained: remark('mntsm-recipe-pretrained', 'Choose the file of weights under “Start from weights”.'),
  freezeBn: remark(
    'mntsm-recipe-freeze-bn',
    'Taken as the recipe says, as the first third with its statistics. The published code freezes the weights of all instead: frozen share 1, frozen part “weights”.',
  ),
  posWeight: remark(
    'mntsm-recipe-pos-weight',
    'Taken as the ratio of the classes. The published code takes its square root: set this key to “sqrt”.',
  ),
  secondary: remark('mntsm-recipe-secondary', 'Every metric is recorded and drawn; one decides.'),
  best: remark('mntsm-recipe-best', 'The best epoch is always recorded, with its weights.'),
  resume: remark('mntsm-recipe-resume', 'Runs are kept and continued on this page, under “Runs”.'),
  tail: remark('mntsm-recipe-tail', 'Batches that are left at the end of an epoch make a step of their own.'),
  tuning: remark(
    'mntsm-recipe-tuning',
    'Kernels are tried out on this adapter by themselves, and memory is planned once.',
  ),
  machine: remark('mntsm-recipe-machine', 'About files, loaders and logs of the other program; nothing to set here.'),
};

/** The numbers of a value, alone, in a list, or as arguments of `name`: `ColorJitter(0.2, 0.2)`; null for other words. */
function numbersIn(value: RecipeValue, name: RegExp): number[] | null {
  const parts =
    typeof value === 'object'
      ? (value ?? [])
      : String(value)
          .replace(name, '')
          .split(/[\s,()]+/)
          .filter((part) => part !== '');
  const numbers = parts.map((part) => (typeof part === 'boolean' || part === null ? NaN : Number(part)));
  return numbers.every(Number.isFinite) ? numbers : null;
}

/** `true` or a name stand for the usual 0.5. */
const flip: RecipeKey = {
  key: 'augment.hflip',
  also: ['augment.flip', 'hflip'],
  covers: ['flip'],
  read(value) {
    if (isNone(value)) return { settings: { flip: 0 } };
    if (value === true) return { settings: { flip: 0.5 } };
    const numbers = numbersIn(value, /^random ?horizontal ?flip/i);
    if (!numbers || numbers.length > 1) return null;
    const [chance = 0.5] = numbers;
    return { settings: { flip: chance } };
  },
  write: ({ flip: chance }) => chance,
};

const jitterSettings = ['jitterBrightness', 'jitterContrast', 'jitterSaturation', 'jitterHue'] as const;

/** Four numbers; fewer leave the others without jitter, as torchvision does. */
const jitter: RecipeKey = {
  key: 'augment.color_jitter',
  also: ['augment.colour_jitter', 'color_jitter'],
  covers: jitterSettings,
  read(value) {
    const strengths = isNone(value) ? [] : numbersIn(value, /^colou?r ?jitter/i);
    if (!strengths || strengths.length > 4) return null;
    return { settings: Object.fromEntries(jitterSettings.map((key, i) => [key, strengths[i] ?? 0])) };
  },
  write: (settings) => jitterSettings.map((key) => Number(settings[key] ?? 0)),
};

/** The same as a map. */
const jitterParts: readonly RecipeKey[] = jitterSettings.map((setting) => ({
  ...same(`augment.color_jitter.${setting.slice('jitter'.length).toLowerCase()}`, setting, { otherwise: 0 }),
  write: () => undefined,
}));

/** A share, `1/3`, or `true` for the first third. */
const frozen: RecipeKey = {
  key: 'bn_freeze',
  covers: ['frozenShare'],
  read(value) {
    if (isNone(value)) return { settings: { frozenShare: 0 } };
    if (value === true) return { settings: { frozenShare: 0.3333, frozenPart: 'both' } };
    const third = typeof value === 'string' && /^(first )?1 ?\/ ?3$/i.test(value);
    const numbers = third ? [0.3333] : numbersIn(value, /^first /i);
    const [frozenShare] = numbers ?? [];
    return frozenShare === undefined || numbers?.length !== 1 ? null : { settings: { frozenShare } };
  },
  write: ({ frozenShare }) => frozenShare,
};

/** The published code's switch, which its recipe explains as the first third. */
const freezeBn: RecipeKey = {
  key: 'freeze_bn',
  covers: [],
  accepts: ['true', 'false'],
  read(value) {
    if (isNone(value)) return { settings: { frozenShare: 0 } };
    if (value !== true) return null;
    return { settings: { frozenShare: 0.3333, frozenPart: 'both' }, note: notes.freezeBn };
  },
};

const positiveWeight: RecipeKey = {
  key: 'class_balance.auto_pos_weight',
  also: ['class_balance', 'auto_pos_weight', 'pos_weight'],
  covers: ['positiveWeight'],
  accepts: ['false', 'true', 'neg_over_pos', 'sqrt'],
  read(value) {
    if (isNone(value)) return { settings: { positiveWeight: 'none' } };
    if (value === true) return { settings: { positiveWeight: 'ratio' }, note: notes.posWeight };
    if (value === 'neg_over_pos') return { settings: { positiveWeight: 'ratio' } };
    return value === 'sqrt' ? { settings: { positiveWeight: 'squareRoot' } } : null;
  },
  write: ({ positiveWeight: rule }) => (rule === 'none' ? false : rule === 'ratio' ? 'neg_over_pos' : 'sqrt'),
};

const networks = ['mobilenetv4_conv_small_050', 'mobilenetv4_conv_small', 'mobilenetv4_conv_medium'];

/** timm's names with their training's tag, which tells how pixels were scaled. */
const modelName: RecipeKey = {
  key: 'model_name',
  also: ['model'],
  covers: ['model'],
  accepts: networks,
  read(value) {
    const [model = '', tag = ''] = String(value).toLowerCase().split('.');
    if (!networks.includes(model)) return null;
    const inception = model === networks[0] || tag.startsWith('e3600');
    return { settings: { model, ...(tag !== '' && { normalisation: inception ? 'inception' : 'imagenet' }) } };
  },
  write: ({ model }) => model,
};

export const recipe: Recipe = [
  modelName,
  withoutSetting(['pretrained'], notes.pretrained),
  same('n_segment', 'segments'),
  words('shift_mode', 'shiftPlacement', {
    dw: 'depthwise',
    residual: 'residual',
    early: 'early',
    middle: 'middle',
    late: 'late',
    none: 'none',
  }),
  same('fold_div', 'foldDivisor'),
  words('first_fold', 'shiftFirst', { past: 'past', future: 'future' }, { also: ['first'] }),
  words('shift_edge', 'shiftEdges', { replicate: 'replicate', zero: 'zeros' }, { also: ['edge'] }),
  words('aggregate', 'pooling', { attention: 'learned', attention_logit: 'logit', mean: 'mean', max: 'max' }),
  words('eval_pool', 'evaluationPooling', { ours: 'logits', upstream: 'probabilities' }),
  same('dropout', 'dropout', { otherwise: 0, also: ['drop_rate'] }),
  words('head_init', 'headStart', { linear: 'linear', timm: 'timm' }),
  freezeBn,
  frozen,
  same('input_size', 'imageSize'),
  words(
    'normalize',
    'normalisation',
    { none: 'none', inception: 'inception', imagenet: 'imagenet' },
    { also: ['normalise'] },
  ),
  words('face', 'faceCrop', { none: 'none', centre: 'centre', center: 'centre', 'box1.3': 'found' }),
  same('clip_span_s', 'clipSeconds'),
  same('stride_s', 'strideSeconds'),
  words('split', 'split', { official: 'official', random_by_identity: 'identity', random_by_video: 'video' }),
  same('val_ratio', 'validationShare'),
  same('test_ratio', 'testShare'),
  flip,
  jitter,
  ...jitterParts,
  same('augment.per_frame', 'augmentPerFrame', { also: ['augment_per_frame'] }),
  words('sampler.type', 'sampler', { balanced: 'balanced', none: 'none' }, { also: ['sampler'] }),
  words('loss', 'loss', { focal_bce: 'focal', bce: 'bce' }),
  same('class_balance.gamma', 'gamma', { otherwise: 0, also: ['gamma'] }),
  positiveWeight,
  same('batch_size', 'batch'),
  same('grad_accum_steps', 'accumulation', { otherwise: 1 }),
  withoutSetting(['accum_tail'], notes.tail),
  same('epochs', 'epochs'),
  same('lr', 'learningRate'),
  words('optimizer', 'optimizer', { adamw: 'AdamW', adam: 'Adam' }),
  same('weight_decay', 'weightDecay', { otherwise: 0 }),
  words(
    'lr_scheduler.type',
    'schedule',
    { cosine: 'cosine', none: 'constant', constant: 'constant' },
    { also: ['lr_scheduler'] },
  ),
  same('lr_scheduler.warmup_epochs', 'warmUpEpochs', { otherwise: 0 }),
  same('lr_scheduler.min_lr', 'minimumRate', { otherwise: 0 }),
  same('clip_grad_norm', 'clipNorm', { otherwise: 0 }),
  same('amp', 'mixedPrecision'),
  withoutSetting(
    ['cudnn.benchmark', 'cudnn', 'torch.backends', 'autotune', 'empty_cache', 'free_pool_each_epoch'],
    notes.tuning,
  ),
  same('val_every', 'validateEvery'),
  always('early_stop.metric', 'video_auc'),
  always('early_stop.mode', 'max'),
  same('early_stop.patience', 'earlyStopPatience', { otherwise: 0 }),
  same('early_stop.min_delta', 'earlyStopMinDelta', { otherwise: 0 }),
  withoutSetting(['monitor_secondary'], notes.secondary),
  same('threshold', 'threshold'),
  same('seed', 'seed'),
  withoutSetting(['best_epoch', 'best_model_path'], notes.best),
  withoutSetting(['resume_from', 'ckpt_dir'], notes.resume),
  withoutSetting(
    [
      'exp_name',
      'dataset_name',
      'data_root',
      'index_path',
      'split_cache_path',
      'num_workers',
      'force_single_worker',
      'prefetch_factor',
      'persistent_workers',
      'use_fast_io',
      'allow_skip',
      'use_gpu',
      'log_dir',
      'console_log',
      'overwrite_log',
      'tensorboard',
      'wandb',
    ],
    notes.machine,
  ),
];
