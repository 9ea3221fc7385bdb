// What goes into a model and comes out of it, and what the data says that it is built from.
import type { FrameInput } from '../frames/frameInput';

/** Arrays for one step by input name; the model's definition says shapes. */
export type Batch = Readonly<Record<string, Float32Array | Uint32Array | Int32Array | FrameInput>>;

/** What a model says in evaluation mode, by the names that its definition gives. */
export type Outputs = Readonly<Record<string, Float32Array>>;

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };
/** What data says of itself and a model is built from, as plain JSON: class names, captions, the longest text, a frame rate. */
export type Facts = Readonly<Record<string, Plain>>;
