// Which part of each finder's published graph is run: the convolutions. What comes before and after them is ours.
import type { TfjsGraph } from './tfjsGraph';
import { tfjsToOnnx } from './tfjsToOnnx';
import { blazeFaceSide } from './blazeFace';
import { moveNetSide } from './moveNet';

/** Gives scores [16, 16, 2] and [8, 8, 6], then boxes [16, 16, 32] and [8, 8, 96]. */
export function blazeFaceOnnx(graph: TfjsGraph): Uint8Array<ArrayBuffer> {
  const outputs = [33, 34, 35, 36].map((n) => `StatefulPartitionedCall/functional_1/conv2d_${n}/BiasAdd`);
  return tfjsToOnnx(graph, { input: { name: 'input', shape: [1, blazeFaceSide, blazeFaceSide, 3] }, outputs });
}

/** Gives, at 48 x 48 cells, how much each is a person's middle [1], a joint [17], where the joints lie from there [34], and within their cell [34]. */
export function moveNetOnnx(graph: TfjsGraph): Uint8Array<ArrayBuffer> {
  const outputs = ['Sigmoid_1', 'Sigmoid', 'kpt_regress_0/conv2d_6/BiasAdd', 'kpt_offset_0/conv2d_7/BiasAdd'];
  return tfjsToOnnx(graph, {
    input: { name: 'StatefulPartitionedCall/sub_1', shape: [1, moveNetSide, moveNetSide, 3] },
    outputs: outputs.map((name) => `StatefulPartitionedCall/${name}`),
  });
}
