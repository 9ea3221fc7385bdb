// Frames for Node, which has no VideoFrame: the members that the frame pass uses, over bytes made in the test.

export interface StubPlane {
  readonly width: number;
  readonly height: number;
  readonly bytesPerSample: number;
  readonly data: Uint8Array;
}

/** A frame of `format`; 'RGBA' has one plane of four bytes a sample. */
export function stubFrame(format: string, width: number, height: number, planes: readonly StubPlane[]): VideoFrame {
  const stub = {
    format: format === 'RGBA' ? 'RGBX' : format,
    visibleRect: { x: 0, y: 0, width, height },
    codedWidth: width,
    codedHeight: height,
    displayWidth: width,
    displayHeight: height,
    copyTo(bytes: Uint8Array, { layout }: { layout: readonly { offset: number; stride: number }[] }) {
      planes.forEach((plane, i) => {
        const { offset, stride } = layout[i]!;
        const row = plane.width * plane.bytesPerSample;
        for (let y = 0; y < plane.height; y++)
          bytes.set(plane.data.subarray(y * row, (y + 1) * row), offset + y * stride);
      });
      return Promise.resolve([]);
    },
    close: () => undefined,
  };
  return stub as unknown as VideoFrame;
}
