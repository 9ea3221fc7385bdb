// Checks a change of a setting in mid-run against what the task allows.
import { safeParse } from 'valibot';
import { UserError } from '../../errors';
import type { Settings, SettingValue } from '../../models/settings';
import type { SessionTask } from './runContext';
import { changeableOnResume, readSessionSettings } from './sessionSettings';

/**
 * The settings with one of them changed.
 * @throws UserError `setting-fixed` when it cannot change in mid-run, `setting-invalid` for a value it cannot have.
 */
export function changeSetting(task: SessionTask, settings: Settings, key: string, value: SettingValue): Settings {
  const setting = task.settings.find((candidate) => candidate.key === key);
  if (!(setting ? setting.midRun : changeableOnResume.includes(key))) {
    const message = `The setting ${key} cannot change while the run is under way. Start another run with it.`;
    throw new UserError('setting-fixed', message, { key });
  }
  const checked = setting ? safeParse(setting.schema, value) : null;
  if (checked && !checked.success) {
    const reason = checked.issues[0].message;
    throw new UserError('setting-invalid', `settings.${key} cannot be ${String(value)}: ${reason}`, {
      key,
      value: String(value),
      reason,
    });
  }
  const changed = { ...settings, [key]: checked?.output ?? value };
  readSessionSettings(changed);
  return changed;
}
