// What the command lines of all tools refuse, and with which exit status.
import { expect, test, vi } from 'vitest';
import { exitStatus, numberIn, readArguments, UsageError } from '../../tools/commandLine';

const options = { port: { type: 'string' }, dry: { type: 'boolean' } } as const;

test.each([
  [['--speed'], "Unknown option '--speed'.\nusage"],
  [['stray'], "Unknown option 'stray'.\nusage"],
  [['--port'], "Option '--port <value>' argument missing.\nusage"],
  [['--port', '--dry'], "Option '--port' argument is ambiguous.\nusage"],
  [['--dry=1'], "Option '--dry' does not take an argument.\nusage"],
])('%j is refused with the usage', (args, sentence) => {
  expect(() => readArguments(args, 'usage', options)).toThrow(new UsageError(sentence));
});

test.each([
  ['', 'a number from 1 up'],
  ['0.5', 'a number from 1 up'],
  ['many', 'a number from 1 up'],
])('%j is no number to take', (text, sentence) => {
  expect(() => numberIn('--port', text, { least: 1 })).toThrow(`--port wants ${sentence}, not ${text}.`);
});

test('bounds and whole numbers are said', () => {
  expect(numberIn('--port', '65535', { least: 0, most: 65535, whole: true })).toBe(65535);
  const bounds = { least: 0, most: 65535, whole: true };
  expect(() => numberIn('--port', '65536', bounds)).toThrow('--port wants a whole number from 0 to 65535, not 65536.');
  expect(() => numberIn('--port', '1.5', bounds)).toThrow('not 1.5.');
});

test('a wrong command line ends with 2, another complaint with 1', async () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  expect(await exitStatus(() => 0)).toBe(0);
  expect(await exitStatus(() => numberIn('--port', 'x', { least: 1 }))).toBe(2);
  expect(await exitStatus(() => Promise.reject(new Error('no browser')))).toBe(1);
  expect(said.mock.calls).toEqual([['--port wants a number from 1 up, not x.'], ['no browser']]);
  said.mockRestore();
});
