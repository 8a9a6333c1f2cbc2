import { createParameterDecorator, ID, type ParameterDecorator } from 'type-graphql';
import { localId, type NodeTypeName } from '../schema/global-id.js';

/**
 * Argument that takes a global id of one type; the method gets the id in the database.
 * @throws ClvError BAD_USER_INPUT for anything else
 */
export function IdArg(type: NodeTypeName, name = 'id'): ParameterDecorator {
  return createParameterDecorator(({ args }) => localId(type, String(args[name])), {
    arg: { name, typeFunc: () => ID },
  });
}
