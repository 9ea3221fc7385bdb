// Every task's settings, choices, presets and metrics have words in both languages.
import { beforeAll, describe, expect, test } from 'vitest';
import { countName } from '../../src/ui/strings/countNames';
import { zhCN } from '../../src/ui/strings/zhCN';
import { loadTaskTexts, tasks, taskText } from '../../src/ui/tasks';

const sources = import.meta.glob<string>('../../src/models/*/*.ts', { query: '?raw', import: 'default', eager: true });

/** Codes of a model's own errors and remarks, which begin with its name. */
function codesOf(name: string): string[] {
  const own = Object.entries(sources).filter(([path]) => path.includes(`/models/${name}/`) && !path.includes('trings'));
  const code = new RegExp(`'(${name}-[a-z-]+)',\\s+(?:message:)?`, 'g');
  return [...new Set(own.flatMap(([, text]) => [...text.matchAll(code)].map((match) => match[1]!)))].sort();
}

const han = /[\u4e00-\u9fff]/;

beforeAll(() => loadTaskTexts());

describe.each(tasks)('$name', (task) => {
  test.each(['en', 'zh-CN'] as const)('is worded in %s', (locale) => {
    const text = taskText(task.name, locale);
    const missing = [
      ...task.settings.filter(({ key }) => text.settings[key] === undefined).map(({ key }) => `setting ${key}`),
      ...task.settings
        .flatMap(({ choices = [] }) => choices)
        .filter((choice) => text.choices[choice] === undefined && Number.isNaN(Number(choice)) && !/[A-Z]/.test(choice))
        .map((choice) => `choice ${choice}`),
      ...task.presets.filter(({ name }) => text.presets[name] === undefined).map(({ name }) => `preset ${name}`),
      ...[task.metric, ...task.metrics]
        .filter(({ name }) => text.metrics[name] === undefined)
        .map(({ name }) => `metric ${name}`),
    ];
    expect(missing).toEqual([]);
    expect(text.title).not.toBe(task.name);
    expect(text.summary).not.toBe('');
  });

  test('says its own errors and remarks in Chinese', () => {
    const { errors } = taskText(task.name, 'zh-CN');
    const detail = new Proxy({}, { get: () => '1' });
    const missing = codesOf(task.name).filter((code) => {
      const sentence = (errors[code] ?? zhCN.errors[code])?.(detail) ?? '';
      return !han.test(sentence);
    });
    expect(missing).toEqual([]);
  });

  test('words what its data counts and its preparation does', () => {
    const text = taskText(task.name, 'zh-CN');
    const own = Object.entries(sources).filter(([path]) => path.includes(`/models/${task.name}/`));
    const all = own.map(([, source]) => source).join('\n');
    const counted = [
      ...all.matchAll(/'((?:train|val|test|scored) (?:videos|images|recordings|clips|windows|frames))'/g),
    ].map((match) => match[1]!);
    const counts = ['classes', 'instances', 'missing files', 'seconds', 'longest, seconds', ...counted];
    const phases = [...all.matchAll(/progress\('([a-z ]+)',/g)].map((match) => match[1]!);
    if (/\bopenVideos\(/.test(all)) phases.push('videos');
    const missing = [
      ...counts.filter((name) => !han.test(countName('zh-CN', text, name))),
      ...phases.filter((name) => !han.test(text.names[name] ?? '')),
    ];
    expect(missing).toEqual([]);
  });

  test('shows at most eight fields at first', () => {
    expect(task.settings.filter(({ primary }) => primary).length).toBeLessThanOrEqual(8);
  });
});
