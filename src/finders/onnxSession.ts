// Runs small ONNX models by onnxruntime-web's WebAssembly back end; loaded when the first finder is wanted, in a worker.
import type { InferenceSession, Tensor } from 'onnxruntime-web';
import { UserError } from '../errors';
import type { OnnxSlot } from '../formats/onnxSlots';

export interface OnnxArray {
  readonly shape: readonly number[];
  readonly values: ArrayLike<number>;
}

export class OnnxSession implements AsyncDisposable {
  readonly inputs: readonly OnnxSlot[];
  readonly outputs: readonly OnnxSlot[];
  readonly #session: InferenceSession;
  readonly #tensor: typeof Tensor;

  private constructor(session: InferenceSession, tensor: typeof Tensor) {
    this.#session = session;
    this.#tensor = tensor;
    this.inputs = slots(session.inputMetadata);
    this.outputs = slots(session.outputMetadata);
  }

  /**
   * One thread, so that the page needs no isolation.
   * @param wasm the runtime's own binary, which only the first session of a worker reads.
   * @throws UserError `onnx-unreadable` where the runtime takes no such model.
   */
  static async open(model: Uint8Array, wasm: ArrayBuffer, path: string): Promise<OnnxSession> {
    const { env, InferenceSession: Session, Tensor: Made } = await import('onnxruntime-web/wasm');
    env.wasm.wasmBinary = wasm;
    env.wasm.numThreads = 1;
    env.logLevel = 'error';
    try {
      return new OnnxSession(await Session.create(model, { executionProviders: ['wasm'] }), Made);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const message = `The model cannot be run here: ${reason}. Export it again as a plain ONNX model of opset 17 (${path})`;
      throw new UserError('onnx-unreadable', message, { path, reason }, { cause });
    }
  }

  /** All outputs by name. Inputs that the model wants as whole numbers are rounded. */
  async run(inputs: Readonly<Record<string, OnnxArray>>): Promise<Record<string, OnnxArray>> {
    const feeds = Object.entries(inputs).map(([name, { shape, values }]) => {
      const type = this.inputs.find((slot) => slot.name === name)?.type ?? 'float32';
      return [name, this.#made(type, values, shape)] as const;
    });
    const results = await this.#session.run(Object.fromEntries(feeds));
    return Object.fromEntries(
      Object.entries(results).map(([name, { dims, data }]) => [
        name,
        { shape: dims, values: typeof data[0] === 'bigint' ? Float64Array.from(data as BigInt64Array, Number) : data },
      ]),
    ) as Record<string, OnnxArray>;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#session.release();
  }

  #made(type: string, values: ArrayLike<number>, shape: readonly number[]): Tensor {
    if (type === 'uint8') return new this.#tensor('uint8', Uint8Array.from(values), shape);
    if (type === 'int32') return new this.#tensor('int32', Int32Array.from(values), shape);
    const floats = values instanceof Float32Array ? values : Float32Array.from(values);
    return new this.#tensor('float32', floats, shape);
  }
}

function slots(metadata: readonly InferenceSession.ValueMetadata[]): OnnxSlot[] {
  return metadata.map((value) =>
    value.isTensor
      ? { name: value.name, type: value.type, shape: value.shape }
      : { name: value.name, type: 'other', shape: [] },
  );
}
