import { Field, InterfaceType } from 'type-graphql';
import type { ErrorCode } from '../errors.js';
import { ErrorCodeEnum } from './error-code.enum.js';

@InterfaceType('ErrorResult', { description: 'An expected failure that a caller branches on.' })
export abstract class ErrorResultType {
  @Field(() => ErrorCodeEnum, { simple: true })
  errorCode: ErrorCode;

  @Field({ simple: true, description: 'What is wrong and how to mend it.' })
  message: string;
}
