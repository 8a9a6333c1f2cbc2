import { Matches } from 'class-validator';

/** Texts that Postgres keeps as they were sent. */
export const IsStorable = (): PropertyDecorator =>
  Matches(/^[^\0\p{Surrogate}]*$/u, { message: '$property holds a NUL character or half a surrogate pair' });
