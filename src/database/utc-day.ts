/**
 * The UTC day of an instant, in SQL, whatever the session's time zone.
 * @param instant a column or a parameter such as `$1`
 */
export const utcDayOf = (instant: string): string => `(${instant}::timestamptz at time zone 'UTC')::date`;

/** The instant at which a UTC day begins, in SQL. */
export const utcMidnightOf = (day: string): string => `(${day}::timestamp at time zone 'UTC')`;
