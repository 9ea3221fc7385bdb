// Runs one kernel many times and says how long that took: for measuring what an adapter can do.

export interface MeasuredKernel {
  readonly label: string;
  readonly source: string;
  readonly entryPoint: string;
  /** Bound as storage, in order. */
  readonly buffers: readonly GPUBuffer[];
  readonly workgroups: number;
}

/** Compiles the kernel; what it gives runs it so many times in one submission and returns the milliseconds of all. */
export async function kernelTimer(
  device: GPUDevice,
  { label, source, entryPoint, buffers, workgroups }: MeasuredKernel,
): Promise<(repeats: number) => Promise<number>> {
  const module = device.createShaderModule({ label, code: source });
  const compute = { module, entryPoint };
  const pipeline = await device.createComputePipelineAsync({ label, layout: 'auto', compute });
  const entries = buffers.map((buffer, binding) => ({ binding, resource: { buffer } }));
  const bindGroup = device.createBindGroup({ label, layout: pipeline.getBindGroupLayout(0), entries });
  return async (repeats) => {
    const started = performance.now();
    const encoder = device.createCommandEncoder({ label });
    const pass = encoder.beginComputePass({ label });
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, bindGroup);
    for (let k = 0; k < repeats; k++) pass.dispatchWorkgroups(workgroups);
    pass.end();
    device.queue.submit([encoder.finish()]);
    await device.queue.onSubmittedWorkDone();
    return performance.now() - started;
  };
}
