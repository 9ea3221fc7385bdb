// The workload `mntsm` in tfjs on its WebGPU backend, NHWC: eager operations, a tape, its own Adam and decoupled decay.
import * as namespace from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';

export const tf = namespace.default ?? namespace;

export async function setup(_device, { params, inputs, network, adamw, eps }) {
  const { x, y: labels } = await arrays(inputs);
  const [clips, segments, ...picture] = inputs.x.shape;
  const images = tf.transpose(tf.reshape(x, [clips * segments, ...picture]), [0, 2, 3, 1]);
  return trainingStep(params, adamw, (p) => lossOf(p, network, eps, images, labels));
}

export async function arrays(inputs) {
  await tf.setBackend('webgpu');
  await tf.ready();
  return Object.fromEntries(Object.entries(inputs).map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]));
}

/** `lossOf(params)` with its gradient and AdamW. */
export function trainingStep(weights, adamw, lossOf) {
  const params = Object.fromEntries(
    Object.entries(weights).map(([name, { shape, data }]) => [name, tf.variable(kernelFirst(tf.tensor(data, shape)))]),
  );
  const list = Object.values(params);
  const { lr, b1, b2, eps: epsilon, wd } = adamw;
  const adam = tf.train.adam(lr, b1, b2, epsilon);
  return {
    async step() {
      const { value, grads } = tf.variableGrads(() => lossOf(params), list);
      tf.tidy(() => list.forEach((one) => one.assign(tf.mul(one, 1 - lr * wd))));
      adam.applyGradients(grads);
      tf.dispose(grads);
      const [loss] = await value.data();
      value.dispose();
      return loss;
    },
    dispose() {},
  };
}

/** [outputs, inputs, k, k] → [k, k, inputs, outputs]; a depthwise [channels, 1, k, k] → [k, k, channels, 1]. */
function kernelFirst(weight) {
  if (weight.rank !== 4) return weight;
  return tf.transpose(weight, weight.shape[1] === 1 ? [2, 3, 0, 1] : [2, 3, 1, 0]);
}

/** images [clips · segments, side, side, 3], labels [clips] → the mean focal loss. */
function lossOf(p, { stem, blocks, head, shifted, segments, foldDivisor }, eps, images, labels) {
  const sites = new Set(shifted);
  const apply = (x, { conv, norm, kernel, stride, depthwise, activated }) => {
    const input = sites.has(conv) ? shift(x, segments, foldDivisor) : x;
    const convolve = depthwise ? tf.depthwiseConv2d : tf.conv2d;
    const y = convolve(input, p[`${conv}.weight`], stride, (kernel - 1) / 2, 'NHWC', 1, 'floor');
    const normalised = normalise(y, p[`${norm}.weight`], p[`${norm}.bias`], eps);
    return activated ? tf.relu(normalised) : normalised;
  };
  let x = apply(images, stem);
  for (const { layers, skip } of blocks) {
    const y = layers.reduce(apply, x);
    x = skip ? tf.add(y, x) : y;
  }
  x = apply(tf.mean(x, [1, 2], true), head);
  const clips = labels.shape[0];
  const features = tf.reshape(x, [clips, segments, head.outputs]);
  const flat = tf.reshape(features, [clips * segments, head.outputs]);
  const scores = tf.reshape(tf.matMul(flat, p['attn.weight'], false, true), [clips, segments]);
  const shares = tf.reshape(tf.softmax(scores), [clips, segments, 1]);
  const whole = tf.sum(tf.mul(features, shares), 1);
  const logit = tf.add(
    tf.reshape(tf.matMul(whole, p['classifier.weight'], false, true), [clips]),
    p['classifier.bias'],
  );
  const wrong = tf.mul(logit, tf.sub(1, tf.mul(2, labels)));
  return tf.mean(tf.mul(tf.square(tf.sigmoid(wrong)), tf.softplus(wrong)));
}

export function normalise(x, weight, bias, eps) {
  const { mean, variance } = tf.moments(x, [0, 1, 2], true);
  return tf.add(tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, eps))), weight), bias);
}

/** The first of `foldDivisor` parts of the channels from the frame before, the second from the one after. */
function shift(x, segments, foldDivisor) {
  const [frames, height, width, channels] = x.shape;
  const fold = Math.floor(channels / foldDivisor);
  const [clips, points] = [frames / segments, height * width];
  const all = tf.reshape(x, [clips, segments, points, channels]);
  const part = (first, count, from, size) => tf.slice(all, [0, first, 0, from], [clips, count, points, size]);
  const past = tf.concat([part(0, 1, 0, fold), part(0, segments - 1, 0, fold)], 1);
  const future = tf.concat([part(1, segments - 1, fold, fold), part(segments - 1, 1, fold, fold)], 1);
  const rest = part(0, segments, 2 * fold, channels - 2 * fold);
  return tf.reshape(tf.concat([past, future, rest], 3), x.shape);
}
