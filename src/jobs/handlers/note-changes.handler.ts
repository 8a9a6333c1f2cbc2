import { noteClvChanges } from '../../services/scoring/note-clv-changes.js';
import type { JobHandler } from '../job.js';

/** Notes changes of values in lists, by the model that is active when it begins. Another attempt notes what is left. */
export const noteChangesHandler: JobHandler = async (_input, { dataSource, progress, signal }) => ({
  ...(await noteClvChanges(dataSource, { progress, signal })),
});
