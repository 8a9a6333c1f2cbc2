import type { Medium } from '../../ml/media/media-layout.js';
import type { JobHooks } from '../../progress.js';

/** What the rows of a file name: pictures of products, or recordings of events. */
export const describingKinds = ['product-pictures', 'recordings'] as const;
export type DescribingKind = (typeof describingKinds)[number];

interface DescribingFields {
  readonly medium: Medium;
  readonly required: readonly string[];
  readonly optional: readonly string[];
  /** The field that names the record. */
  readonly id: string;
  /** The field that holds the path of the picture or recording, from the folder of the rows' file or absolute. */
  readonly file: string;
}

export const describingFields: Readonly<Record<DescribingKind, DescribingFields>> = {
  'product-pictures': {
    medium: 'picture',
    required: ['product.externalId', 'product.picture'],
    optional: [],
    id: 'product.externalId',
    file: 'product.picture',
  },
  recordings: {
    medium: 'recording',
    required: ['event.externalId', 'event.recording'],
    optional: ['event.occurredAt'],
    id: 'event.externalId',
    file: 'event.recording',
  },
};

export interface DescribeOptions extends Partial<JobHooks> {
  /** A CSV file. */
  readonly path: string;
  readonly kind: DescribingKind;
  /** Field to column; the default is the column of the field's name. */
  readonly columns: Readonly<Record<string, string>>;
  /** The system that the ids belong to. */
  readonly source: string;
  /** Folder in Hugging Face layout with ONNX weights, or a name on the hub. */
  readonly model: string;
  /** Language of recordings; English where not given. */
  readonly language?: string;
  /** Whether to describe again what has a description. */
  readonly again: boolean;
  /** Where rows that cannot be described are listed. */
  readonly rejectionsPath?: string;
}

export interface DescribeReport {
  readonly file: string;
  readonly kind: DescribingKind;
  readonly rowsRead: number;
  /** Rows that got a description. */
  readonly described: number;
  /** Rows whose record had one, or was described by an earlier row. */
  readonly leftAsTheyAre: number;
  readonly rowsRejected: number;
  /** Reason to number of rows. */
  readonly rejections: Readonly<Record<string, number>>;
  /** Customers whose predictions are stale now. */
  readonly customersConcerned: number;
  readonly seconds: number;
}
