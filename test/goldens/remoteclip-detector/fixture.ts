// A recorded detector: its configuration as our model takes it.
import type { DetectorConfig, TextTowerConfig } from '../../../src/models/remoteclip-detector/config';
import type { Targets } from '../../../src/models/remoteclip-detector/matching';
import { recordedOf, type Recorded } from '../../helpers/recorded';
import type { Recording } from '../../helpers/recording';

interface UpstreamConfig {
  readonly layers: [number, number, number, number];
  readonly embed: number;
  readonly heads: number;
  readonly size: number;
  readonly width: number;
  readonly twidth: number;
  readonly tlayers: number;
  readonly theads: number;
  readonly vocab: number;
  readonly ctx: number;
  readonly batch?: number;
  readonly classes?: number;
  readonly d_model?: number;
  readonly queries?: number;
  readonly gate_hidden?: number;
  readonly dheads?: number;
  readonly ffn?: number;
  readonly dlayers?: number;
  readonly cls_hidden?: number;
  readonly targets?: readonly number[];
}

export interface DetectorFixture {
  readonly recorded: Recorded;
  readonly config: DetectorConfig;
  readonly text: Omit<TextTowerConfig, 'activation'>;
  readonly batch: number;
  readonly classes: number;
  /** [batch, 3, side, side]. */
  readonly pictures: Float32Array;
  readonly targets: readonly Targets[];
}

export function readFixture(file: Recording): DetectorFixture {
  const recorded = recordedOf(file);
  const upstream = recorded.json('config') as UpstreamConfig;
  const { batch = 1, classes = 20, size } = upstream;
  return {
    recorded,
    config: {
      image: {
        blocks: upstream.layers,
        width: upstream.width,
        side: size,
        heads: upstream.heads,
        features: upstream.embed,
      },
      decoder: {
        width: upstream.d_model ?? 256,
        queries: upstream.queries ?? 100,
        layers: upstream.dlayers ?? 6,
        heads: upstream.dheads ?? 8,
        inner: upstream.ffn ?? 1024,
        gateInner: upstream.gate_hidden ?? 512,
        classInner: upstream.cls_hidden ?? 512,
        dropout: 0,
      },
      temperature: 0.07,
    },
    text: {
      width: upstream.twidth,
      layers: upstream.tlayers,
      heads: upstream.theads,
      vocabulary: upstream.vocab,
      length: upstream.ctx,
    },
    batch,
    classes,
    pictures: recorded.has('input.images')
      ? recorded.floats('input.images')
      : recorded.hashed('images', batch * 3 * size * size, 2),
    targets: (upstream.targets ?? []).map((_, k) => ({
      classes: recorded.wholes(`input.labels.${k}`),
      boxes: recorded.floats(`input.boxes.${k}`),
    })),
  };
}
