// What is said of the demo's videos, and what of it a model is built from.
import type { DemoThing } from './demoScene';

export const quietCaption = 'people walk across a square';

/** Of the region and of the whole video. */
export const demoCaptions: Readonly<Record<DemoThing, readonly [region: string, global: string]>> = {
  Cart: ['a cart', 'people walk across a square and a cart is pushed past them'],
  Cyclist: ['a cyclist', 'people walk across a square and a cyclist rides past them'],
  Lying: ['somebody lying', 'people walk across a square where somebody lies on the ground'],
};
