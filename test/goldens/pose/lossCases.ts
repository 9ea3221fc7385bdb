// The loss's terms and their gradients with respect to the prediction.
import { Graph } from '../../../src/engine/graph/graph';
import type { Tensor } from '../../../src/engine/graph/tensor';
import { compile, plan } from '../../../src/engine/device/compile';
import { gradients } from '../../../src/engine/passes/gradient';
import {
  angle,
  angleVelocity,
  jointDistance,
  limbLength,
  limbVariance,
  mpjpe,
  nMpjpe,
  velocity,
  weighted2d,
  weightedMpjpe,
} from '../../../src/models/pose/loss';
import { worstOf, type GoldenResult } from '../../helpers/golden';
import { toleranceOf, type Recording } from '../../helpers/recording';
import { targets } from '../../helpers/runGraph';

type Term = (x: Tensor, y: Tensor, input: (name: string) => Tensor) => Tensor;

const terms: Readonly<Record<string, Term>> = {
  loss_mpjpe: mpjpe,
  n_mpjpe: nMpjpe,
  loss_velocity: velocity,
  loss_limb_gt: limbLength,
  loss_angle: angle,
  loss_angle_velocity: angleVelocity,
  loss_joint: jointDistance,
  loss_limb_var: limbVariance,
  weighted_mpjpe: (x, y, input) => weightedMpjpe(x, y, input('weight')),
  loss_2d_weighted: (x, y, input) => weighted2d(x, y, input('conf')),
  loss_mpjpe_zero_distance: (_x, y, input) => mpjpe(input('x_zero_distance'), y),
};

/** Every term, on each kind of kernels. */
export async function* lossCases(file: Recording, device: GPUDevice): AsyncIterable<GoldenResult> {
  const tolerance = file.json<{ loss: object; grad: object }>('tolerance');
  for (const { name, target } of targets(device)) {
    const graph = new Graph();
    const inputs = new Map<string, Tensor>();
    const input = (key: string): Tensor => {
      const known = inputs.get(key) ?? graph.input(key, file.shape(`input.${key}`));
      inputs.set(key, known);
      return known;
    };
    const results = new Map<string, Tensor>();
    for (const [term, build] of Object.entries(terms)) {
      if (!file.has(`loss.${term}`)) continue;
      const x = input(term === 'loss_mpjpe_zero_distance' ? 'x_zero_distance' : 'x');
      const loss = build(x, input('y'), input);
      results.set(`loss.${term}`, loss);
      const gradient = gradients(graph, loss, [x]).get(x);
      if (gradient) results.set(`grad.${term}`, gradient);
    }
    const { programs, buffers } = await compile(device, plan([{ name: 'losses', graph, results }], target));
    const [program] = programs;
    if (!program) return;
    for (const key of inputs.keys()) program.write(key, file.given(`input.${key}`)!);
    program.run(0, 1);
    const compared: GoldenResult[] = [];
    for (const key of results.keys()) {
      const allowed = toleranceOf(key.startsWith('loss.') ? tolerance.loss : tolerance.grad);
      compared.push(file.compare(key, await program.read(key), allowed));
    }
    buffers.dispose();
    yield worstOf(`losses${name}`, compared);
  }
}
