// The finders' networks: their files come with the page, are turned to ONNX here and run by one runtime.
// Both are Google's (Apache-2.0); docs/finders.md says where they come from.
import runtimeUrl from 'onnxruntime-web/ort-wasm-simd-threaded.wasm?url';
import faceGraphUrl from '../../node_modules/@vladmandic/human/models/blazeface.json?url';
import faceWeightsUrl from '../../node_modules/@vladmandic/human/models/blazeface.bin?url';
import poseGraphUrl from '../../node_modules/@vladmandic/human/models/movenet-lightning.json?url';
import poseWeightsUrl from '../../node_modules/@vladmandic/human/models/movenet-lightning.bin?url';
import { blazeFaceOnnx, moveNetOnnx } from './graphParts';
import { OnnxSession } from './onnxSession';
import { ownFile } from './ownFiles';
import { readTfjsGraph, type TfjsGraph } from './tfjsGraph';

/** Takes `picture` [1, 256, 256, 3] of -1..1; see blazeFace.ts for what it gives. */
export async function openBlazeFace(): Promise<OnnxSession> {
  return await openOnnx(blazeFaceOnnx(await graphOf(faceGraphUrl, faceWeightsUrl)), 'blazeface');
}

/** Takes `picture` [1, 192, 192, 3] of -1..1; see moveNet.ts for what it gives. */
export async function openMoveNet(): Promise<OnnxSession> {
  return await openOnnx(moveNetOnnx(await graphOf(poseGraphUrl, poseWeightsUrl)), 'movenet');
}

/** Throws UserError `onnx-unreadable` for a model that cannot be run. */
export async function openOnnx(model: Uint8Array, path: string): Promise<OnnxSession> {
  return await OnnxSession.open(model, (await ownFile(runtimeUrl)).buffer, path);
}

async function graphOf(graphUrl: string, weightsUrl: string): Promise<TfjsGraph> {
  const [graph, weights] = await Promise.all([ownFile(graphUrl), ownFile(weightsUrl)]);
  return readTfjsGraph(JSON.parse(new TextDecoder().decode(graph)), weights);
}
