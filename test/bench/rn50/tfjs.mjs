// The workload `rn50` in tfjs on its WebGPU backend, NHWC: eager operations, a tape, its own Adam and decoupled decay.
import { arrays, normalise, tf, trainingStep } from '../mntsm/tfjs.mjs';

export async function setup(_device, { params, inputs, cfg, adamw, eps }) {
  const { x, texts, y } = await arrays(inputs);
  const pictures = tf.transpose(x, [0, 2, 3, 1]);
  return trainingStep(params, adamw, (p) => lossOf(p, cfg, eps, pictures, texts, y));
}

/** x [n, side, side, 3], texts [c, features], y [n, c] → the mean cross-entropy. */
function lossOf(p, { sizes, heads, temperature }, eps, x, texts, y) {
  const own = (name) => p[`visual.${name}`];
  const layer = (input, conv, norm, kernel = 1, stride = 1) =>
    normalise(
      tf.conv2d(input, own(`${conv}.weight`), stride, (kernel - 1) / 2, 'NHWC', 1, 'floor'),
      own(`${norm}.weight`),
      own(`${norm}.bias`),
      eps,
    );
  const pooled = (input, stride) => (stride === 1 ? input : tf.avgPool(input, stride, stride, 'valid'));
  let h = tf.relu(layer(x, 'conv1', 'bn1', 3, 2));
  h = tf.relu(layer(h, 'conv2', 'bn2', 3));
  h = pooled(tf.relu(layer(h, 'conv3', 'bn3', 3)), 2);
  sizes.forEach((blocks, stage) => {
    for (let k = 0; k < blocks; k++) {
      const at = `layer${stage + 1}.${k}`;
      const stride = stage > 0 && k === 0 ? 2 : 1;
      let main = tf.relu(layer(h, `${at}.conv1`, `${at}.bn1`));
      main = tf.relu(layer(main, `${at}.conv2`, `${at}.bn2`, 3));
      main = layer(pooled(main, stride), `${at}.conv3`, `${at}.bn3`);
      const shortcut = k === 0 ? layer(pooled(h, stride), `${at}.downsample.0`, `${at}.downsample.1`) : h;
      h = tf.relu(tf.add(main, shortcut));
    }
  });
  const scores = tf.div(tf.matMul(unit(attentionPool(h, own, heads)), unit(texts), false, true), temperature);
  return tf.neg(tf.mean(tf.sum(tf.mul(tf.logSoftmax(scores), y), -1)));
}

const unit = (x) => tf.div(x, tf.sqrt(tf.sum(tf.square(x), -1, true)));

function attentionPool(map, own, heads) {
  const [n, height, width, c] = map.shape;
  const count = height * width + 1;
  const tokens = tf.reshape(map, [n, height * width, c]);
  const all = tf.add(tf.concat([tf.mean(tokens, 1, true), tokens], 1), own('attnpool.positional_embedding'));
  const dense = (input, length, name) =>
    tf.add(
      tf.matMul(tf.reshape(input, [n * length, c]), own(`attnpool.${name}.weight`), false, true),
      own(`attnpool.${name}.bias`),
    );
  const split = (input, length) => tf.transpose(tf.reshape(input, [n, length, heads, c / heads]), [0, 2, 1, 3]);
  const query = split(dense(tf.slice(all, [0, 0, 0], [n, 1, c]), 1, 'q_proj'), 1);
  const keys = split(dense(all, count, 'k_proj'), count);
  const values = split(dense(all, count, 'v_proj'), count);
  const shares = tf.softmax(tf.mul(tf.matMul(query, keys, false, true), (c / heads) ** -0.5));
  const mixed = tf.reshape(tf.transpose(tf.matMul(shares, values), [0, 2, 1, 3]), [n, c]);
  return dense(mixed, 1, 'c_proj');
}
