import type { Segment } from '../../entities/index.js';
import type { Services } from '../services.js';
import { loaderById } from './loader-by-id.js';

export const createSegmentByIdLoader = ({ segments }: Services) => loaderById<Segment>((ids) => segments.findMany(ids));
