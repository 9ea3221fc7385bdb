// Chosen weights are opened at once; only the latest choice counts, and what cannot be read blocks the start.
import { expect, test } from 'vitest';
import { writeSafetensors } from '../../src/formats/safetensors';
import { StartWeights } from '../../src/ui/state/startWeights.svelte';

const values = new Map([['a.weight', { dtype: 'F32' as const, shape: [2], data: new Float32Array(2) }]]);
const good = { path: 'good.safetensors', blob: new Blob([writeSafetensors(values)]) };
const page = { path: 'page.pth', blob: new Blob(['<!doctype html>']) };

test('says what the chosen file is', async () => {
  const weights = new StartWeights();
  expect([weights.usable, weights.name]).toEqual([true, null]);
  const opening = weights.choose([good], 'https://a.b/good.safetensors');
  expect([weights.opening, weights.usable]).toEqual([true, false]);
  await opening;
  expect(weights.facts).toMatchObject({ path: 'good.safetensors', format: 'safetensors', tensors: 1, passedOver: [] });
  expect(weights).toMatchObject({ usable: true, files: [good], address: 'https://a.b/good.safetensors' });
});

test('blocks the start until what cannot be read is removed', async () => {
  const weights = new StartWeights();
  await weights.choose([page]);
  expect(weights.error).toMatchObject({ kind: 'user', code: 'weights-web-page' });
  expect([weights.usable, weights.name]).toEqual([false, 'page.pth']);
  weights.clear();
  expect(weights).toMatchObject({ usable: true, name: null, error: null, files: [] });
});

test('forgets the answer to an earlier choice', async () => {
  const weights = new StartWeights();
  const first = weights.choose([page]);
  await Promise.all([first, weights.choose([good])]);
  expect(weights).toMatchObject({ error: null, name: 'good.safetensors', usable: true });
});
