import { Matches } from 'class-validator';

/** Names that look the same are the same. Without the flag `u`, with which eight million characters overflow the stack. */
export const IsName = (): PropertyDecorator =>
  Matches(/^(\S(.*\S)?)?$/s, { message: '$property must not be blank, nor begin or end with white space' });
