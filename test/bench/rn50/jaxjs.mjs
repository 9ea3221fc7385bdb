// The workload `rn50` in jax-js, NCHW: forward, backward and AdamW in one jit.
import * as jax from '@jax-js/jax';
import { arrayOf, convolve, mapped, normalise, start, trainingStep } from '../mntsm/jaxjs.mjs';

const { numpy: np, nn } = jax;

export async function setup(_device, { params, inputs, cfg, adamw, eps }) {
  await start();
  const given = mapped(inputs, arrayOf);
  return trainingStep(params, adamw, [given.x, given.texts, given.y], (p, x, texts, y) =>
    lossOf(p, cfg, eps, x, texts, y),
  );
}

/** x [n, 3, side, side], texts [c, features], y [n, c] → the mean cross-entropy. */
function lossOf(p, { sizes, heads, temperature }, eps, x, texts, y) {
  const own = (name) => p[`visual.${name}`];
  const layer = (input, conv, norm, kernel = 1, stride = 1) =>
    normalise(
      convolve(input, own(`${conv}.weight`), { kernel, stride, groups: 1 }),
      own(`${norm}.weight`),
      own(`${norm}.bias`),
      eps,
    );
  const pooled = (input, stride) => {
    if (stride === 1) return input;
    const [n, c, h, w] = input.shape;
    return np.mean(input.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
  };
  let h = nn.relu(layer(x, 'conv1', 'bn1', 3, 2));
  h = nn.relu(layer(h, 'conv2', 'bn2', 3));
  h = pooled(nn.relu(layer(h, 'conv3', 'bn3', 3)), 2);
  sizes.forEach((blocks, stage) => {
    for (let k = 0; k < blocks; k++) {
      const at = `layer${stage + 1}.${k}`;
      const stride = stage > 0 && k === 0 ? 2 : 1;
      const input = h.ref;
      let main = nn.relu(layer(h, `${at}.conv1`, `${at}.bn1`));
      main = nn.relu(layer(main, `${at}.conv2`, `${at}.bn2`, 3));
      main = layer(pooled(main, stride), `${at}.conv3`, `${at}.bn3`);
      const shortcut = k === 0 ? layer(pooled(input, stride), `${at}.downsample.0`, `${at}.downsample.1`) : input;
      h = nn.relu(main.add(shortcut));
    }
  });
  const features = attentionPool(h, own, heads);
  const scores = np.matmul(unit(features), np.transpose(unit(texts))).div(temperature);
  return np.mean(np.sum(nn.logSoftmax(scores, -1).mul(y), -1)).neg();
}

function unit(x) {
  const length = np.sqrt(np.sum(np.square(x.ref), -1, { keepdims: true }));
  return x.div(length);
}

function attentionPool(map, own, heads) {
  const [n, c, height, width] = map.shape;
  const tokens = np.transpose(map.reshape([n, c, height * width]), [0, 2, 1]);
  const all = np
    .concatenate([np.mean(tokens.ref, 1, { keepdims: true }), tokens], 1)
    .add(own('attnpool.positional_embedding'));
  const count = height * width + 1;
  const dense = (input, name) =>
    np.matmul(input, np.transpose(own(`attnpool.${name}.weight`))).add(own(`attnpool.${name}.bias`));
  const split = (input, length) => np.transpose(input.reshape([n, length, heads, c / heads]), [0, 2, 1, 3]);
  const query = split(dense(all.ref.slice([], [0, 1]), 'q_proj'), 1);
  const keys = split(dense(all.ref, 'k_proj'), count);
  const values = split(dense(all, 'v_proj'), count);
  const shares = nn.softmax(np.matmul(query, np.transpose(keys, [0, 1, 3, 2])).mul((c / heads) ** -0.5), -1);
  const mixed = np.transpose(np.matmul(shares, values), [0, 2, 1, 3]).reshape([n, c]);
  return dense(mixed, 'c_proj');
}
