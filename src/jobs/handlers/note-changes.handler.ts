import { noteClvChanges } from '../../services/scoring/note-clv-changes.js';
import type { JobHandler } from '../job.js';

/** Of what lists read when it begins, whichever model serves by then; another attempt finds what was not noted. */
export const noteChangesHandler: JobHandler = async (_input, { dataSource, progress, signal }) => ({
  ...(await noteClvChanges(dataSource, { progress, signal })),
});
