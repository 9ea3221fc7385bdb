// MobileNetV4's convolution-only networks as data, and their layers in order under timm's names (spec sections 1 and 15).

/** What a stage is made of. Kernels of 0 are absent; `middle` and `outputs` are channels. */
export type Block =
  | { readonly kind: 'plain'; readonly kernel: number; readonly stride: number; readonly outputs: number }
  | {
      readonly kind: 'fused';
      readonly kernel: number;
      readonly stride: number;
      readonly middle: number;
      readonly outputs: number;
    }
  | {
      /** The universal inverted bottleneck: its depthwise convolutions may stand at the start, in the middle, or not. */
      readonly kind: 'inverted';
      readonly startKernel: number;
      readonly middleKernel: number;
      readonly stride: number;
      readonly middle: number;
      readonly outputs: number;
    };

export interface Architecture {
  readonly stem: number;
  readonly stages: readonly (readonly Block[])[];
  /** Features of a frame. */
  readonly head: number;
}

/** A convolution without bias and the batch normalisation after it. */
export interface Layer {
  readonly conv: string;
  readonly norm: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly kernel: number;
  readonly stride: number;
  readonly depthwise: boolean;
  readonly activated: boolean;
}

/** Layers one after the other; with `skip` the input is added to their result. */
export interface BlockLayers {
  readonly path: string;
  readonly layers: readonly Layer[];
  readonly skip: boolean;
}

const plain = (kernel: number, stride: number, outputs: number): Block => ({ kind: 'plain', kernel, stride, outputs });
const inverted = (
  startKernel: number,
  middleKernel: number,
  stride: number,
  middle: number,
  outputs: number,
): Block => ({ kind: 'inverted', startKernel, middleKernel, stride, middle, outputs });
const times = (count: number, block: Block): Block[] => Array.from({ length: count }, () => block);

const small: Architecture = {
  stem: 32,
  stages: [
    [plain(3, 2, 32), plain(1, 1, 32)],
    [plain(3, 2, 96), plain(1, 1, 64)],
    [inverted(5, 5, 2, 192, 96), ...times(4, inverted(0, 3, 1, 192, 96)), inverted(3, 0, 1, 384, 96)],
    [
      inverted(3, 3, 2, 576, 128),
      inverted(5, 5, 1, 512, 128),
      inverted(0, 5, 1, 512, 128),
      inverted(0, 5, 1, 384, 128),
      ...times(2, inverted(0, 3, 1, 512, 128)),
    ],
    [plain(1, 1, 960)],
  ],
  head: 1280,
};

const medium: Architecture = {
  stem: 32,
  stages: [
    [{ kind: 'fused', kernel: 3, stride: 2, middle: 128, outputs: 48 }],
    [inverted(3, 5, 2, 192, 80), inverted(3, 3, 1, 160, 80)],
    [
      inverted(3, 5, 2, 480, 160),
      ...times(2, inverted(3, 3, 1, 640, 160)),
      inverted(3, 5, 1, 640, 160),
      inverted(3, 3, 1, 640, 160),
      inverted(3, 0, 1, 640, 160),
      inverted(0, 0, 1, 320, 160),
      inverted(3, 0, 1, 640, 160),
    ],
    [
      inverted(5, 5, 2, 960, 256),
      inverted(5, 5, 1, 1024, 256),
      ...times(2, inverted(3, 5, 1, 1024, 256)),
      inverted(0, 0, 1, 1024, 256),
      inverted(3, 0, 1, 1024, 256),
      inverted(3, 5, 1, 512, 256),
      inverted(5, 5, 1, 1024, 256),
      ...times(2, inverted(0, 0, 1, 1024, 256)),
      inverted(5, 0, 1, 512, 256),
    ],
    [plain(1, 1, 960)],
  ],
  head: 1280,
};

/** Half of every block's channels, all of which are multiples of 16; stem and head stay. */
function halved({ stem, stages, head }: Architecture): Architecture {
  const half = (block: Block): Block =>
    block.kind === 'plain'
      ? { ...block, outputs: block.outputs / 2 }
      : { ...block, middle: block.middle / 2, outputs: block.outputs / 2 };
  return { stem, stages: stages.map((stage) => stage.map(half)), head };
}

/** The published networks by timm's names. */
export const architectures = {
  mobilenetv4_conv_small_050: halved(small),
  mobilenetv4_conv_small: small,
  mobilenetv4_conv_medium: medium,
} as const satisfies Readonly<Record<string, Architecture>>;

export type ArchitectureName = keyof typeof architectures;

/** The layers of a block at `path` that takes `inputs` channels. */
function blockLayers(path: string, block: Block, inputs: number): BlockLayers {
  const layers: Layer[] = [];
  let channels = inputs;
  const append = (
    [conv, norm]: readonly [string, string],
    outputs: number,
    { kernel = 1, stride = 1, depthwise = false, activated = true },
  ): void => {
    const place = { conv: `${path}.${conv}`, norm: `${path}.${norm}` };
    layers.push({ ...place, inputs: channels, outputs, kernel, stride, depthwise, activated });
    channels = outputs;
  };
  const { stride, outputs } = block;
  switch (block.kind) {
    case 'plain':
      append(['conv', 'bn1'], outputs, { kernel: block.kernel, stride });
      return { path, layers, skip: false };
    case 'fused':
      append(['conv_exp', 'bn1'], block.middle, { kernel: block.kernel, stride });
      append(['conv_pwl', 'bn2'], outputs, { activated: false });
      break;
    case 'inverted': {
      const { startKernel, middleKernel, middle } = block;
      const names = (part: string) => [`${part}.conv`, `${part}.bn`] as const;
      if (startKernel > 0) {
        const own = middleKernel > 0 ? 1 : stride;
        append(names('dw_start'), inputs, { kernel: startKernel, stride: own, depthwise: true, activated: false });
      }
      append(names('pw_exp'), middle, {});
      if (middleKernel > 0) append(names('dw_mid'), middle, { kernel: middleKernel, stride, depthwise: true });
      append(names('pw_proj'), outputs, { activated: false });
    }
  }
  return { path, layers, skip: inputs === outputs && stride === 1 };
}

/** All layers: the first one alone, the blocks, and the one after the pooling. */
export function layersOf({ stem, stages, head }: Architecture): {
  readonly stem: Layer;
  readonly blocks: readonly BlockLayers[];
  readonly head: Layer;
} {
  const shared = { depthwise: false, activated: true };
  const blocks: BlockLayers[] = [];
  let inputs = stem;
  stages.forEach((stage, s) =>
    stage.forEach((block, b) => {
      blocks.push(blockLayers(`blocks.${s}.${b}`, block, inputs));
      inputs = block.outputs;
    }),
  );
  return {
    stem: { ...shared, conv: 'conv_stem', norm: 'bn1', inputs: 3, outputs: stem, kernel: 3, stride: 2 },
    blocks,
    head: { ...shared, conv: 'conv_head', norm: 'norm_head', inputs, outputs: head, kernel: 1, stride: 1 },
  };
}
