// The workload `mntsm` in jax-js, NCHW: forward, backward and AdamW in one jit. It has grouped convolutions.
import * as jax from '@jax-js/jax';

const { numpy: np, nn, lax, tree } = jax;

export async function setup(_device, { params, inputs, network, adamw, eps }) {
  await start();
  const { x, y } = mapped(inputs, arrayOf);
  const [clips, segments, ...picture] = inputs.x.shape;
  const frames = x.reshape([clips * segments, ...picture]);
  return trainingStep(params, adamw, [frames, y], (p, images, labels) => lossOf(p, network, eps, images, labels));
}

export async function start() {
  await jax.init('webgpu');
  jax.defaultDevice('webgpu');
}

/** `lossOf(params, ...inputs)` with its gradient and AdamW in one jit. */
export function trainingStep(weights, adamw, given, lossOf) {
  const zeros = () => mapped(weights, ({ shape }) => np.zeros(shape));
  let state = { params: mapped(weights, arrayOf), first: zeros(), second: zeros() };
  const { lr, b1, b2, eps: epsilon, wd } = adamw;

  const step = jax.jit(({ params, first, second }, correct1, correct2, ...inputs) => {
    const [loss, gradients] = jax.valueAndGrad((p) => lossOf(p, ...inputs))(tree.ref(params));
    const m = tree.map((old, g) => old.mul(b1).add(g.mul(1 - b1)), first, tree.ref(gradients));
    const v = tree.map((old, g) => old.mul(b2).add(np.square(g).mul(1 - b2)), second, gradients);
    const moved = (p, a, b) => {
      const direction = a.mul(correct1.ref).div(np.sqrt(b.mul(correct2.ref)).add(epsilon));
      return p.mul(1 - lr * wd).sub(direction.mul(lr));
    };
    const next = tree.map(moved, params, tree.ref(m), tree.ref(v));
    correct1.dispose();
    correct2.dispose();
    return [loss, { params: next, first: m, second: v }];
  });
  let count = 0;
  return {
    async step() {
      count++;
      const corrections = [b1, b2].map((beta) => np.array(1 / (1 - beta ** count)));
      const [loss, next] = step(state, ...corrections, ...given.map((one) => one.ref));
      state = next;
      return (await loss.data())[0];
    },
    dispose() {},
  };
}

export function arrayOf({ shape, data }) {
  return np.array(data).reshape(shape);
}

export function mapped(list, make) {
  return Object.fromEntries(Object.entries(list).map(([name, one]) => [name, make(one)]));
}

/** images [clips · segments, 3, side, side], labels [clips] → the mean focal loss. */
function lossOf(p, { stem, blocks, head, shifted, segments, foldDivisor }, eps, images, labels) {
  const sites = new Set(shifted);
  const apply = (x, { conv, norm, kernel, stride, depthwise, inputs, activated }) => {
    const input = sites.has(conv) ? shift(x, segments, foldDivisor) : x;
    const groups = depthwise ? inputs : 1;
    const y = (groups > 1 && stride === 2 ? byPhases : convolve)(input, p[`${conv}.weight`], {
      kernel,
      stride,
      groups,
    });
    const normalised = normalise(y, p[`${norm}.weight`], p[`${norm}.bias`], eps);
    return activated ? nn.relu(normalised) : normalised;
  };
  let x = apply(images, stem);
  for (const { layers, skip } of blocks) {
    const input = skip ? x.ref : null;
    x = layers.reduce(apply, x);
    if (skip) x = x.add(input);
  }
  x = apply(np.mean(x, [2, 3], { keepdims: true }), head);
  const clips = labels.shape[0];
  const features = x.reshape([clips, segments, head.outputs]);
  const scores = np.sum(features.ref.mul(p['attn.weight']), -1);
  const shares = nn.softmax(scores, 1).reshape([clips, segments, 1]);
  const whole = np.sum(features.mul(shares), 1);
  const logit = np.sum(whole.mul(p['classifier.weight']), -1).add(p['classifier.bias']);
  const sign = labels.mul(-2).add(1);
  const wrong = logit.mul(sign);
  return np.mean(np.square(nn.sigmoid(wrong.ref)).mul(nn.softplus(wrong)));
}

/**
 * In parts of so few frames that the gradient of the weights is right: jax-js 0.1.25 makes it of a view of the whole
 * padded input, once for each row and column of the output, and counts its elements in 32 bits (found by comparing
 * gradients: right at 128 x 128, wrong at 224 x 224).
 */
export function convolve(x, weight, { kernel, stride, groups }) {
  const [frames, channels, height, width] = x.shape;
  const pad = (kernel - 1) / 2;
  const both = [pad, pad];
  const apply = (part) =>
    lax.convGeneralDilated(part, weight.ref, [stride, stride], [both, both], { featureGroupCount: groups });
  const span = (size) => (size / stride) * (size + 2 * pad + stride);
  const most = Math.max(1, Math.floor(2 ** 31 / (channels * span(height) * span(width))));
  const parts = [];
  for (let from = 0; from < frames; from += most) parts.push(apply(x.ref.slice([from, Math.min(frames, from + most)])));
  x.dispose();
  weight.dispose();
  return parts.length === 1 ? parts[0] : np.concatenate(parts, 0);
}

/**
 * A grouped convolution of stride 2 as the sum of four of stride 1, over the even and odd rows and columns: as many
 * multiplications. jax-js 0.1.25 gives a wrong gradient of the input where groups and a stride come together (found by
 * finite differences; kernels of 3 and 5).
 */
function byPhases(x, weight, { kernel, groups }) {
  const pad = (kernel - 1) / 2;
  const [frames, channels, height, width] = x.shape;
  const around = [
    [0, 0],
    [0, 0],
  ];
  const halves = (t) => {
    const [n, c, h, w] = t.shape;
    return t.reshape([n, c, h / 2, 2, w / 2, 2]);
  };
  const pictures = halves(np.pad(x, [...around, [pad, pad], [pad, pad]]));
  const kernels = halves(np.pad(weight, [...around, [0, 1], [0, 1]]));
  let sum = null;
  for (const row of [0, 1]) {
    for (const column of [0, 1]) {
      const size = [row, column].map((phase) => Math.ceil((kernel - phase) / 2));
      const picture = pictures.ref.slice([], [], [], row, [], column);
      const part = kernels.ref.slice([], [], [0, size[0]], row, [0, size[1]], column);
      // The padded picture may be longer than the result needs: negative padding cuts.
      const padding = [height, width].map((length, axis) => [0, length / 2 + size[axis] - 1 - picture.shape[2 + axis]]);
      const y = lax.convGeneralDilated(picture, part, [1, 1], padding, { featureGroupCount: groups });
      sum = sum === null ? y : sum.add(y);
    }
  }
  pictures.dispose();
  kernels.dispose();
  return sum.reshape([frames, channels, height / 2, width / 2]);
}

export function normalise(x, weight, bias, eps) {
  const axes = [0, 2, 3];
  const shape = [1, x.shape[1], 1, 1];
  const centred = x.ref.sub(np.mean(x, axes, { keepdims: true }));
  const variance = np.mean(np.square(centred.ref), axes, { keepdims: true });
  return centred
    .div(np.sqrt(variance.add(eps)))
    .mul(weight.reshape(shape))
    .add(bias.reshape(shape));
}

/** The first of `foldDivisor` parts of the channels from the frame before, the second from the one after. */
function shift(x, segments, foldDivisor) {
  const [frames, channels, height, width] = x.shape;
  const fold = Math.floor(channels / foldDivisor);
  const clips = x.reshape([frames / segments, segments, channels, height, width]);
  const part = (from, to, first, last) => clips.ref.slice([], [first, last], [from, to]);
  const past = np.concatenate([part(0, fold, 0, 1), part(0, fold, 0, segments - 1)], 1);
  const future = np.concatenate([part(fold, 2 * fold, 1, segments), part(fold, 2 * fold, segments - 1, segments)], 1);
  const rest = clips.slice([], [], [2 * fold, channels]);
  return np.concatenate([past, future, rest], 2).reshape([frames, channels, height, width]);
}
