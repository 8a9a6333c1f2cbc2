import type { Snapshot } from '../../entities/index.js';
import type { Services } from '../services.js';
import { loaderById } from './loader-by-id.js';

export const createSnapshotByIdLoader = ({ snapshots }: Services) =>
  loaderById<Snapshot>((ids) => snapshots.findMany(ids));
