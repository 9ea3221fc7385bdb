// The time cursor: it stands on frames that exist, jumps by time and by segment, and opens a clip where the clip says.
import { expect, test } from 'vitest';
import { Cursor } from '../../src/ui/player/cursor.svelte';
import { evenTimestamps } from '../../src/ui/player/frames';

test('stands on the frames that there are', () => {
  const cursor = new Cursor(() => evenTimestamps(50, 25));
  cursor.seek(-3);
  expect([cursor.frame, cursor.seconds]).toEqual([0, 0]);
  cursor.seek(99);
  expect(cursor.frame).toBe(49);
});

test('skips by time, whatever lies between the frames', () => {
  const cursor = new Cursor(() => Float64Array.of(0, 0.1, 0.9, 1.05, 3));
  cursor.skip(1);
  expect(cursor.frame).toBe(2);
  cursor.skip(-1);
  expect(cursor.frame).toBe(0);
});

test('jumps to the next and to the previous segment, and stays at the last', () => {
  const cursor = new Cursor(() => evenTimestamps(100, 25));
  const starts = [0.4, 1.2, 2];
  cursor.jump(starts, 1);
  expect(cursor.frame).toBe(10);
  cursor.jump(starts, 1);
  cursor.jump(starts, 1);
  cursor.jump(starts, 1);
  expect(cursor.frame).toBe(50);
  cursor.jump(starts, -1);
  expect(cursor.frame).toBe(30);
});

test('opens a clip at its own frame until it is moved, and again after it is reopened', () => {
  const cursor = new Cursor(
    () => evenTimestamps(100, 25),
    () => 12,
  );
  expect(cursor.frame).toBe(12);
  cursor.seek(3);
  expect(cursor.frame).toBe(3);
  cursor.reopen();
  expect(cursor.frame).toBe(12);
});

test('playing from the end starts over, and a seek stops it', () => {
  const cursor = new Cursor(() => evenTimestamps(10, 25));
  cursor.seek(9);
  cursor.togglePlay();
  expect([cursor.playing, cursor.frame]).toEqual([true, 0]);
  cursor.show(4);
  expect(cursor.playing).toBe(true);
  cursor.seek(5);
  expect([cursor.playing, cursor.frame]).toEqual([false, 5]);
});

test('plays a span and stands at its end, and afterwards the whole clip again', () => {
  const cursor = new Cursor(() => evenTimestamps(100, 25));
  cursor.playSpan(10, 14);
  expect([cursor.frame, cursor.playing]).toEqual([10, true]);
  cursor.show(13);
  expect([cursor.frame, cursor.playing]).toEqual([13, true]);
  cursor.show(16);
  expect([cursor.frame, cursor.playing]).toEqual([14, false]);
  cursor.togglePlay();
  cursor.show(40);
  expect([cursor.frame, cursor.playing]).toEqual([40, true]);
});

test('plays by itself until somebody moves it or stops it', () => {
  const cursor = new Cursor(() => evenTimestamps(50, 25));
  cursor.playUntouched();
  expect(cursor.playing).toBe(true);
  cursor.togglePlay();
  cursor.playUntouched();
  expect(cursor.playing).toBe(false);
});
