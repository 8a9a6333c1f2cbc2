import { Matches } from 'class-validator';

/** Names may not differ only by spaces around them. The pattern has no flag `u`, with which eight million characters overflow the stack. */
export const IsName = (): PropertyDecorator =>
  Matches(/^(\S(.*\S)?)?$/s, { message: '$property must not be blank, nor begin or end with white space' });
