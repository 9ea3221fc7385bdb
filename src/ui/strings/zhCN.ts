// Placeholder while the Chinese texts are written.
import { en, type Strings } from './en';

export const zhCN: Strings = en;
