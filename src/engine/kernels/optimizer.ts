// WGSL of the optimiser: global gradient norm, finiteness and clip factor, then one pass over all parameters.

/** Invocations that fold the gradient before one of them adds up their sums. */
export const NORM_PARTS = 2048;
/** Parameter groups that one run may have. */
export const GROUPS = 8;

/** The optimisers of torch.optim that one pass can do; all but AdamW add the decay to the gradient. */
export type OptimizerRule =
  | { readonly name: 'AdamW' | 'Adam'; readonly betas: readonly [number, number]; readonly epsilon: number }
  | { readonly name: 'SGD'; readonly momentum: number; readonly nesterov?: boolean }
  | { readonly name: 'RMSprop'; readonly alpha: number; readonly momentum: number; readonly epsilon: number };

/** Arrays as long as the parameters that a rule keeps from step to step, under PyTorch's names. */
export function stateNames(rule: OptimizerRule): readonly string[] {
  switch (rule.name) {
    case 'SGD':
      return rule.momentum > 0 ? ['momentum_buffer'] : [];
    case 'RMSprop':
      return rule.momentum > 0 ? ['square_avg', 'momentum_buffer'] : ['square_avg'];
    default:
      return ['exp_avg', 'exp_avg_sq'];
  }
}

const uniforms = `struct Hyper {
  // 1 - beta and its like, from float64
  rest1: f32, rest2: f32, epsilon: f32, clip_norm: f32,
  // log of the betas, from float64: 1 - beta^t keeps its digits
  log_beta1: f32, log_beta2: f32, spare1: u32, spare2: u32,
  // 1 - decay of the moving average; steps without overflow after which the loss scale doubles, 0 for never;
  // one over the number of batches whose gradients are added up
  ema_rest: f32, growth_interval: u32, per_batch: f32, spare3: u32,
  groups: array<vec4<f32>, ${GROUPS}>, // learning rate, weight decay, 1 where the group takes part in this step
};
struct GroupState { steps: u32, correction1: f32, correction2: f32, spare: u32 };
struct State {
  norm: f32, scale: f32, finite: u32, skipped: u32,
  loss_scale: f32, good_steps: u32, spare1: u32, spare2: u32,
  groups: array<GroupState, ${GROUPS}>,
};
`;

/** Sums of squares of the gradient, and how many of its values are infinite or not a number (by their bits). */
export const normParts = `${uniforms}
@group(0) @binding(0) var<uniform> hyper: Hyper;
@group(0) @binding(1) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> state: State;
@group(0) @binding(3) var<storage, read_write> parts: array<vec2<f32>>;
@compute @workgroup_size(64)
fn gradient_norm_parts(@builtin(global_invocation_id) id: vec3<u32>) {
  var sum = 0.0;
  var wrong = 0.0;
  let unscale = hyper.per_batch / state.loss_scale;
  for (var i = id.x; i < arrayLength(&gradients); i += ${NORM_PARTS}u) {
    let g = gradients[i] * unscale;
    sum += dot(g, g);
    let exponents = bitcast<vec4<u32>>(g) & vec4<u32>(0x7f800000u);
    if (any(exponents == vec4<u32>(0x7f800000u))) { wrong += 1.0; }
  }
  parts[id.x] = vec2<f32>(sum, wrong);
}
`;

/** Adds up the parts and decides: apply or skip, factor of the gradient, loss scale, bias corrections to come. */
export const normTotal = `${uniforms}
@group(0) @binding(0) var<uniform> hyper: Hyper;
@group(0) @binding(1) var<storage, read> parts: array<vec2<f32>>;
@group(0) @binding(2) var<storage, read_write> state: State;
// 1 - exp(x) for x <= 0 without cancellation near 0
fn one_minus_exp(x: f32) -> f32 {
  if (x < -0.1) { return 1.0 - exp(x); }
  return -x * (1.0 + x / 2.0 * (1.0 + x / 3.0 * (1.0 + x / 4.0 * (1.0 + x / 5.0 * (1.0 + x / 6.0)))));
}
@compute @workgroup_size(1)
fn gradient_norm() {
  var sum = 0.0;
  var wrong = 0.0;
  for (var block = 0u; block < arrayLength(&parts); block += 32u) {
    var inner = vec2<f32>(0.0);
    for (var k = 0u; k < 32u; k++) { inner += parts[block + k]; }
    sum += inner.x;
    wrong += inner.y;
  }
  let overflow = (bitcast<u32>(sum) & 0x7f800000u) == 0x7f800000u;
  let finite = wrong == 0.0 && !overflow;
  state.norm = sqrt(sum);
  state.finite = select(0u, 1u, finite);
  state.scale = hyper.per_batch / state.loss_scale;
  if (hyper.clip_norm > 0.0) { state.scale *= min(1.0, hyper.clip_norm / (state.norm + 1e-6)); }
  if (!finite) {
    state.skipped += 1u;
    state.good_steps = 0u;
    if (hyper.growth_interval > 0u) { state.loss_scale = max(1.0, state.loss_scale * 0.5); }
    return;
  }
  state.good_steps += 1u;
  if (hyper.growth_interval > 0u && state.good_steps >= hyper.growth_interval) {
    state.good_steps = 0u;
    state.loss_scale = min(state.loss_scale * 2.0, 16777216.0);
  }
  for (var g = 0u; g < ${GROUPS}u; g++) {
    if (hyper.groups[g].z == 0.0) { continue; }
    state.groups[g].steps += 1u;
    let t = f32(state.groups[g].steps);
    state.groups[g].correction1 = one_minus_exp(t * hyper.log_beta1);
    state.groups[g].correction2 = one_minus_exp(t * hyper.log_beta2);
  }
}
`;

/** Updates p from g (both vec4) and the arrays s0, s1; `group` holds learning rate and decay. */
function body(rule: OptimizerRule): string {
  const coupled = 'g = fma(vec4<f32>(group.y), p, g);';
  switch (rule.name) {
    case 'SGD': {
      if (rule.momentum === 0) return `${coupled}\n  p -= group.x * g;`;
      const direction = rule.nesterov === true ? 'fma(vec4<f32>(-hyper.rest1), s, s + g)' : 's';
      return `${coupled}
  let s = fma(vec4<f32>(-hyper.rest1), s0[i], s0[i] + g);
  s0[i] = s;
  p -= group.x * ${direction};`;
    }
    case 'RMSprop': {
      const momentum = rule.momentum > 0;
      return `${coupled}
  let v = fma(vec4<f32>(hyper.rest2), g * g - s0[i], s0[i]);
  s0[i] = v;
  ${momentum ? 'let s = fma(vec4<f32>(-hyper.rest1), s1[i], s1[i]) + g / (sqrt(v) + hyper.epsilon);\n  s1[i] = s;' : 'let s = g / (sqrt(v) + hyper.epsilon);'}
  p -= group.x * s;`;
    }
    default:
      return `${rule.name === 'Adam' ? coupled : ''}
  let m = fma(vec4<f32>(hyper.rest1), g - s0[i], s0[i]);
  let v = fma(vec4<f32>(hyper.rest2), g * g - s1[i], s1[i]);
  s0[i] = m;
  s1[i] = v;
  let denominator = sqrt(v / corrections.correction2) + hyper.epsilon;
  let way = (m / corrections.correction1) / denominator;
  // Decay and step in one subtraction: p is rounded once.
  p -= group.x * ${rule.name === 'Adam' ? 'way' : 'fma(vec4<f32>(group.y), p, way)'};`;
  }
}

/** One pass over all parameters; with `ema` their moving average follows in the same pass. */
export function optimizerUpdate(rule: OptimizerRule, ema: boolean): string {
  const arrays = stateNames(rule).map((_, k) => `s${k}`);
  const extra = [...arrays, ...(ema ? ['average'] : [])].map(
    (name, k) => `@group(0) @binding(${k + 5}) var<storage, read_write> ${name}: array<vec4<f32>>;`,
  );
  return `${uniforms}
@group(0) @binding(0) var<uniform> hyper: Hyper;
@group(0) @binding(1) var<storage, read_write> parameters: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read> group_of: array<u32>;
@group(0) @binding(4) var<storage, read> state: State;
${extra.join('\n')}
@compute @workgroup_size(64)
fn optimizer_update(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) grid: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let i = (workgroup.y * grid.x + workgroup.x) * 64u + local.x;
  if (i >= arrayLength(&gradients) || state.finite == 0u) { return; }
  let number = group_of[i / 16u];
  let group = hyper.groups[number];
  let corrections = state.groups[number];
  var p = parameters[i];
  if (group.z != 0.0) {
    var g = gradients[i] * state.scale;
    ${body(rule).replaceAll('\n', '\n  ')}
    parameters[i] = p;
  }
  ${ema ? 'average[i] = fma(vec4<f32>(hyper.ema_rest), p - average[i], average[i]);' : ''}
}
`;
}

/** Exchanges the parameters and their moving average bit for bit, in place. */
export const exchangeAverages = `@group(0) @binding(0) var<storage, read_write> parameters: array<vec4<u32>>;
@group(0) @binding(1) var<storage, read_write> average: array<vec4<u32>>;
@compute @workgroup_size(64)
fn exchange_averages(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) grid: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let i = (workgroup.y * grid.x + workgroup.x) * 64u + local.x;
  if (i >= arrayLength(&average)) { return; }
  let p = parameters[i];
  parameters[i] = average[i];
  average[i] = p;
}
`;
