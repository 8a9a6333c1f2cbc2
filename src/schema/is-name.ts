import { Matches } from 'class-validator';

/** Names that look the same are the same. */
export const IsName = (): PropertyDecorator =>
  Matches(/^(\S(.*\S)?)?$/su, { message: '$property must not be blank, nor begin or end with white space' });
