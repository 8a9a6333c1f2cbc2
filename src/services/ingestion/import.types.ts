import type { JobHooks } from '../../progress.js';

/** What a file's rows are. `order-lines` is flat: each row also says which order, customer and product it belongs to. */
export const importKinds = ['customers', 'products', 'orders', 'order-lines', 'events'] as const;
export type ImportKind = (typeof importKinds)[number];

/** `auto`, and names of the WHATWG's Encoding Standard. */
export const fileEncodings = [
  'auto',
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
  'windows-874',
  'iso-8859-2',
  'koi8-r',
  'shift_jis',
  'euc-jp',
  'gbk',
  'gb18030',
  'big5',
  'euc-kr',
] as const;
export type FileEncoding = (typeof fileEncodings)[number];

/**
 * How day, month and year are written: `2024-03-31` (or `20240331`), `31/03/2024`, `03/31/2024`, the day or the day and
 * month left out or not; `epoch` stands for seconds, milliseconds or microseconds since 1970.
 */
export const dateFormats = ['iso', 'dmy', 'mdy', 'epoch'] as const;
export type DateFormat = (typeof dateFormats)[number];

/** How to read a file: which column is which field. */
export interface ImportMapping {
  readonly kind: ImportKind;
  /** Field name (see `mapping/fields.ts`), e.g. `order.placedAt`, to column name. */
  readonly columns: Readonly<Record<string, string>>;
  /** Field name to the value that it has in every row, for fields that the file lacks. */
  readonly constants?: Readonly<Record<string, string>>;
  /** Found from the header line where not given. */
  readonly delimiter?: string;
  /** Fields are not quoted: `"` is a character like any other. */
  readonly plainQuotes?: boolean;
  readonly encoding?: FileEncoding;
  readonly dateFormat?: DateFormat;
  /** Numbers are written `1.234,50`. */
  readonly decimalComma?: boolean;
  /** Currency of new orders whose row names none; without a column for it, of stored orders, too. */
  readonly currency?: string;
  /** Field name to the texts of its column and their meanings, e.g. `Product Viewed` to `BROWSE`; an empty meaning is no value. */
  readonly values?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Column name to the values of the rows that are loaded; rows with any other value are left out. */
  readonly only?: Readonly<Record<string, readonly string[]>>;
  /** What the file writes in place of a missing id, e.g. `0` or `NULL`. */
  readonly emptyValues?: readonly string[];
  /** Fields with a column, of ids to be read in lower case, such as e-mail addresses. */
  readonly lowerCase?: readonly string[];
  /** Product codes that are no merchandise, any case; `*` stands for any characters. */
  readonly nonMerchandise?: readonly string[];
  /** `cdnow`: columns parted by whitespace, header line optional. */
  readonly layout?: 'csv' | 'cdnow';
}

export interface ImportOptions extends Partial<JobHooks> {
  readonly path: string;
  readonly mapping: ImportMapping;
  /** The system that the file's ids belong to. */
  readonly source: string;
  /** Currency of orders whose row names none, where the mapping gives none. */
  readonly currency: string;
  /** Where rejected rows are listed; the file is made when the first row is rejected. */
  readonly rejectionsPath?: string;
}

/** A row that was not loaded, and why. */
export interface Rejection {
  /** Line of the file on which the row starts, from 1. */
  readonly line: number;
  readonly column: string;
  readonly value: string;
  readonly reason: string;
}

export interface ChangeCounts {
  created: number;
  updated: number;
  unchanged: number;
}

/** A customer id that so many of a file's orders have that it may stand for guests. */
export interface PlaceholderCustomer {
  readonly externalId: string;
  readonly orders: number;
  /** All orders of the file. */
  readonly ofOrders: number;
}

/** Customers of another source who have the same ids as those of a file. */
export interface Namesakes {
  readonly source: string;
  readonly customers: number;
}

export interface CurrencyCount {
  readonly currency: string;
  readonly orders: number;
}

export interface ImportReport {
  readonly file: string;
  readonly kind: ImportKind;
  readonly rowsRead: number;
  readonly rowsAccepted: number;
  readonly rowsRejected: number;
  /** Rows left out by the mapping's `only`. */
  readonly rowsLeftOut: number;
  /** Column and value, e.g. `"Status" is "open"`, to number of rows left out; only of the values that came first. */
  readonly leftOut: Readonly<Record<string, number>>;
  /** Column and reason, e.g. `"Email" is empty`, to number of rows. */
  readonly rejections: Readonly<Record<string, number>>;
  /** Lines that were not valid UTF-8 and were read as Windows-1252. */
  readonly linesInWindows1252: number;
  readonly customers: ChangeCounts;
  readonly products: ChangeCounts;
  readonly orders: ChangeCounts;
  /** Updated orders that belonged to another customer before. */
  readonly ordersMoved: number;
  readonly orderLines: ChangeCounts & { removed: number };
  readonly events: ChangeCounts;
  /** Accepted orders without a customer, also in their lines. */
  readonly ordersWithoutCustomer: number;
  /** Accepted rows of orders that were replaced by a later row with the same id, but another date or total. */
  readonly repeatedOrders: number;
  /** Orders whose lines are more than twelve hours apart. */
  readonly spreadOrders: number;
  /** Accepted orders that count with their lines, since they have any. */
  readonly ordersWithLines: number;
  /** Accepted order lines of merchandise with a negative price, which are ignored. */
  readonly negativePrices: number;
  /** A column that may say which orders were cancelled, though the mapping neither reads it nor leaves rows out. */
  readonly statusColumn: string | null;
  readonly placeholderCustomer: PlaceholderCustomer | null;
  /** A customer's id such as `13085.0`, as pandas writes numbers; null if the file has none. */
  readonly decimalId: string | null;
  /** Null unless another source has most of the file's customer ids. */
  readonly namesakes: Namesakes | null;
  /** Customers of the source whose ids are probably written in another way in this file. */
  readonly unmatchedCustomers: number;
  /** All stored orders of customers by currency, the most frequent first; empty unless orders were loaded and there are several. */
  readonly mixedCurrencies: readonly CurrencyCount[];
  /** Whether another source was loaded into the database of the demo shop: models then learn from both. */
  readonly isBesideDemo: boolean;
  readonly seconds: number;
  /** Seconds of these for reading, checking and copying to the staging table. */
  readonly readingSeconds: number;
  readonly rowsPerSecond: number;
}
