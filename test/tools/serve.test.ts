// The server of the built page gives files of its folder and nothing else.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { serve } from '../../tools/serve';

test('files outside the folder and broken addresses are not found', async () => {
  const parent = mkdtempSync(join(tmpdir(), 'tabtune-serve-'));
  mkdirSync(join(parent, 'dist'));
  writeFileSync(join(parent, 'dist', 'index.html'), '<!doctype html>');
  writeFileSync(join(parent, 'secret.txt'), 'secret');
  const { url, server } = await serve(0, { folder: join(parent, 'dist') });
  // fetch() would tidy the path up before sending it.
  const status = (path: string) =>
    new Promise((done) => get(url, { path }, (response) => done(response.resume().statusCode)));
  expect(await status('/')).toBe(200);
  expect(await status('/index.html?x=1')).toBe(200);
  expect(await status('/../secret.txt')).toBe(404);
  expect(await status('/%2e%2e%2fsecret.txt')).toBe(404);
  expect(await status('/..%2fsecret.txt')).toBe(404);
  expect(await status('/%zz')).toBe(404);
  expect(await status('/missing.js')).toBe(404);
  server.close();
});
