// WGSL of the optimiser: global gradient norm, finiteness and clip factor, then one pass over all parameters.

/** Invocations that fold the gradient before one of them adds up their sums. */
export const NORM_PARTS = 2048;
/** Parameter groups that one run may have. */
export const GROUPS = 8;

const uniforms = `struct Hyper {
  // 1 - beta, from float64
  rest1: f32, rest2: f32, epsilon: f32, clip_norm: f32,
  // log of the betas, from float64: 1 - beta^t keeps its digits
  log_beta1: f32, log_beta2: f32, count: u32, parts: u32,
  groups: array<vec4<f32>, ${GROUPS}>, // learning rate, weight decay
};
struct State { norm: f32, scale: f32, finite: u32, steps: u32, correction1: f32, correction2: f32, skipped: u32, spare: u32 };
`;

/** Sums of squares of the gradient, and how many of its values are infinite or not a number (by their bits). */
export const normParts = `${uniforms}
@group(0) @binding(0) var<uniform> hyper: Hyper;
@group(0) @binding(1) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read_write> parts: array<vec2<f32>>;
@compute @workgroup_size(64)
fn gradient_norm_parts(@builtin(global_invocation_id) id: vec3<u32>) {
  var sum = 0.0;
  var wrong = 0.0;
  for (var i = id.x; i < hyper.count; i += hyper.parts) {
    let g = gradients[i];
    sum += dot(g, g);
    let exponents = bitcast<vec4<u32>>(g) & vec4<u32>(0x7f800000u);
    if (any(exponents == vec4<u32>(0x7f800000u))) { wrong += 1.0; }
  }
  parts[id.x] = vec2<f32>(sum, wrong);
}
`;

/** Adds up the parts and decides: apply or skip, clip factor, bias corrections of the step to come. */
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
  for (var block = 0u; block < hyper.parts; block += 32u) {
    var inner = vec2<f32>(0.0);
    for (var k = 0u; k < 32u; k++) { inner += parts[block + k]; }
    sum += inner.x;
    wrong += inner.y;
  }
  let overflow = (bitcast<u32>(sum) & 0x7f800000u) == 0x7f800000u;
  let finite = wrong == 0.0 && !overflow;
  state.norm = sqrt(sum);
  state.finite = select(0u, 1u, finite);
  state.scale = 1.0;
  if (hyper.clip_norm > 0.0) { state.scale = min(1.0, hyper.clip_norm / (state.norm + 1e-6)); }
  if (finite) {
    state.steps += 1u;
    let t = f32(state.steps);
    state.correction1 = one_minus_exp(t * hyper.log_beta1);
    state.correction2 = one_minus_exp(t * hyper.log_beta2);
  } else { state.skipped += 1u; }
}
`;

/** AdamW (decoupled decay) or Adam (decay added to the gradient), as torch.optim. */
export function adamUpdate(coupled: boolean): string {
  return `${uniforms}
@group(0) @binding(0) var<uniform> hyper: Hyper;
@group(0) @binding(1) var<storage, read_write> parameters: array<vec4<f32>>;
@group(0) @binding(2) var<storage, read> gradients: array<vec4<f32>>;
@group(0) @binding(3) var<storage, read_write> first: array<vec4<f32>>;
@group(0) @binding(4) var<storage, read_write> second: array<vec4<f32>>;
@group(0) @binding(5) var<storage, read> group_of: array<u32>;
@group(0) @binding(6) var<storage, read> state: State;
@compute @workgroup_size(64)
fn adam_update(@builtin(workgroup_id) workgroup: vec3<u32>, @builtin(num_workgroups) grid: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let i = (workgroup.y * grid.x + workgroup.x) * 64u + local.x;
  if (i >= hyper.count || state.finite == 0u) { return; }
  let group = hyper.groups[group_of[i / 16u]];
  var p = parameters[i];
  var g = gradients[i] * state.scale;
  ${coupled ? 'g = fma(vec4<f32>(group.y), p, g);' : 'p -= p * (group.x * group.y);'}
  let m = fma(vec4<f32>(hyper.rest1), g - first[i], first[i]);
  let v = fma(vec4<f32>(hyper.rest2), g * g - second[i], second[i]);
  first[i] = m;
  second[i] = v;
  let denominator = sqrt(v / state.correction2) + hyper.epsilon;
  parameters[i] = p - group.x * (m / state.correction1) / denominator;
}
`;
}
