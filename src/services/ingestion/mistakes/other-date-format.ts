import { ClvError } from '../../../errors.js';
import { sum } from '../../../math.js';
import { counted, grouped } from '../../../text.js';
import { formatTakenFor, ofOtherFormat, yearInTwoDigits } from '../dates.js';
import type { DateFormat } from '../import.types.js';
import type { Invalid } from '../values.js';

interface Outcome {
  readonly dateFormat: DateFormat | undefined;
  /** Column and reason to number of rejected rows. */
  readonly rejections: Readonly<Record<string, number>>;
  readonly rowsAccepted: number;
}

/**
 * Refuses a file of `dmy` that is read as `mdy`, or the other way round: only days after the 12th are rejected, and the others' wrong dates
 * would stay in events, and in orders whose ids are made of them, when the file is imported again.
 * @throws ClvError IMPORT_INVALID
 */
export function refuseOtherDateFormat(path: string, { dateFormat, rejections, rowsAccepted }: Outcome): void {
  const other = formatTakenFor(dateFormat);
  if (!dateFormat || !other) return;
  const misread = rowsRejectedFor(ofOtherFormat(dateFormat, other), rejections);
  if (misread <= rowsAccepted || rowsAccepted === 0) return;
  throw new ClvError(
    'IMPORT_INVALID',
    `The dates of ${path} are those of --date-format ${other}, not ${dateFormat}: ${counted(misread, 'row')} fit only ${other}, and ` +
      `of the other ${grouped(rowsAccepted)}, days up to the 12th would be read as months. Nothing was imported.`,
  );
}

/**
 * Refuses a file of months such as 9504: those of 2020, 2001 to 2012, would be read as years.
 * @throws ClvError IMPORT_INVALID
 */
export function refuseYearsInTwoDigits(
  path: string,
  { rejections, rowsAccepted }: Pick<Outcome, 'rejections' | 'rowsAccepted'>,
): void {
  const misread = rowsRejectedFor(yearInTwoDigits, rejections);
  if (misread <= rowsAccepted || rowsAccepted === 0) return;
  throw new ClvError(
    'IMPORT_INVALID',
    `The dates of ${path} seem to be months whose year has two digits, such as 9504 for April 1995: ${counted(misread, 'row')} can be ` +
      `nothing else, and the other ${grouped(rowsAccepted)} would be read as years. Write them as 1995-04. Nothing was imported.`,
  );
}

const rowsRejectedFor = ({ reason }: Invalid, rejections: Outcome['rejections']): number =>
  sum(Object.entries(rejections).map(([told, rows]) => (told.endsWith(reason) ? rows : 0)));
