// A chosen file with the place that it had in its folder.

export interface DataFile {
  /** Path inside the folder, with forward slashes, for example `walks/cmu_01_01.bvh`. */
  readonly path: string;
  readonly blob: Blob;
}
