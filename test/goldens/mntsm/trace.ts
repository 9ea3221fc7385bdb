// The clip classifier's training step as one program: everything that the recordings hold of it, by their names.
import { isSoftware, targetOf } from '../../../src/engine/device/adapter';
import { compile, plan } from '../../../src/engine/device/compile';
import { Graph, type ParameterAttributes, type Recompute } from '../../../src/engine/graph/graph';
import { Parameters } from '../../../src/engine/graph/parameters';
import type { Tensor } from '../../../src/engine/graph/tensor';
import type { Target } from '../../../src/engine/kernels/target';
import { gradients, trainable } from '../../../src/engine/passes/gradient';
import { clipLoss } from '../../../src/models/mntsm/loss';
import { mntsmModel } from '../../../src/models/mntsm/model';
import { initializeTo, type MntsmFixture } from './fixture';

export interface TraceOptions {
  readonly training: boolean;
  readonly recompute?: Recompute;
  readonly target?: Target;
  /** Also the outputs of the stem and of every block, as `block <name>`. */
  readonly blocks?: boolean;
}

export interface Traced {
  readonly graph: Graph;
  /** Runs one batch of the fixture. */
  run(batch: number): void;
  /** `logit`, `alpha`, `features`, `frameLogits`, `loss`, `grad <key>`, `update <key>`, `block <name>`. */
  read(name: string): Promise<Float32Array>;
  /** Entries of a result's last axis. */
  channels(name: string): number;
  readonly names: readonly string[];
  dispose(): void;
}

/** Compiles the fixture's model with its weights; the loss, gradients and running statistics only in training. */
export async function traceModel(device: GPUDevice, fixture: MntsmFixture, options: TraceOptions): Promise<Traced> {
  const graph = new Graph(options.recompute ?? 'none');
  const { clips, config, side } = fixture;
  const input = graph.input('clips', [clips, config.segments, 3, side, side]);
  const results = new Map<string, Tensor>();
  const output = mntsmModel(new Parameters(graph), input, config, {
    training: options.training,
    ...(options.blocks && { tap: (name: string, value: Tensor) => results.set(`block ${name}`, value) }),
  });
  for (const [name, tensor] of Object.entries(output)) results.set(name, tensor as Tensor);
  if (options.training) {
    const weight = graph.input('weight', [clips]);
    const loss = clipLoss(output.logit, graph.input('label', [clips]), { gamma: fixture.gamma, weight });
    results.set('loss', loss);
    for (const [name, value] of graph.updates) results.set(`update ${name}`, value);
    for (const [tensor, gradient] of gradients(graph, loss, trainable(graph)))
      results.set(`grad ${(tensor.node.attributes as ParameterAttributes).name}`, gradient);
  }
  const target = options.target ?? targetOf(device, isSoftware(device.adapterInfo));
  const { programs, parameters, buffers } = await compile(device, plan([{ name: 'golden', graph, results }], target));
  initializeTo(parameters, fixture);
  const [program] = programs;
  if (!program) throw new Error('nothing compiled');
  return {
    graph,
    run(batch) {
      program.write('clips', fixture.input(batch));
      if (options.training) {
        program.write('label', fixture.labels(batch));
        program.write('weight', fixture.lossWeights(batch));
      }
      program.run(0, 1);
    },
    read: (name) => program.read(name),
    channels: (name) => results.get(name)?.shape.at(-1) ?? 1,
    names: [...results.keys()],
    dispose: () => buffers.dispose(),
  };
}
