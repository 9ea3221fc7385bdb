// Finds what models' folders bring to Try. Loaded with the Try screen.
import type { FindingsView, TaskFindings } from './taskFindings';

const findingsFiles = import.meta.glob<{ findings: TaskFindings }>('../../models/*/findings.ts');
const viewFiles = import.meta.glob<{ default: FindingsView }>('../../models/*/Findings.svelte');

/** Names of the tasks whose weights can be tried. */
export const triedTasks: ReadonlySet<string> = new Set(
  Object.keys(findingsFiles).map((path) => path.split('/').at(-2)!),
);

export async function loadFindings(task: string): Promise<TaskFindings | undefined> {
  return (await findingsFiles[`../../models/${task}/findings.ts`]?.())?.findings;
}

export async function loadFindingsView(task: string): Promise<FindingsView | undefined> {
  return (await viewFiles[`../../models/${task}/Findings.svelte`]?.())?.default;
}
