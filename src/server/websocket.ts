import type { Server } from 'node:http';
import { GraphQLError } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { ClvError } from '../errors.js';
import type { Services } from '../resolvers/context.js';
import { apiKeyOfParameters, authenticate } from './authentication.js';
import type { FormatError } from './errors.js';
import { maskedExecution, type OperationLimits, prepareOperation } from './operations.js';
import { createContext } from './request-context.js';

const maxPayload = 1024 * 1024;

export interface SubscriptionOptions extends OperationLimits {
  readonly services: Services;
  readonly formatError: FormatError;
}

/**
 * The graphql-ws protocol at `/graphql`. The API key is a connection parameter, `{ "Authorization": "Bearer <key>" }`
 * or `{ "X-API-Key": "<key>" }`; a wrong one closes the connection with code 4403.
 * @returns what ends all subscriptions and closes all connections
 */
export function serveWebSockets(server: Server, { services, formatError, ...limits }: SubscriptionOptions) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload });
  server.on('upgrade', (request, socket, head) => {
    if (request.url?.split('?', 1)[0] !== '/graphql') return socket.destroy();
    sockets.handleUpgrade(request, socket, head, (webSocket) => sockets.emit('connection', webSocket, request));
  });
  const { dispose } = useServer(
    {
      ...maskedExecution(formatError),
      // Else a failure's message would be the reason of the close.
      isProd: true,
      onConnect: async ({ connectionParams }) => {
        try {
          await authenticate(apiKeyOfParameters(connectionParams), services.apiKeys);
        } catch (error) {
          // False: forbidden. Any other failure shows, and is told, when something is asked for.
          return !(error instanceof ClvError && error.code === 'UNAUTHENTICATED');
        }
        return true;
      },
      onSubscribe: async ({ connectionParams }, _id, payload) => {
        try {
          const context = await createContext(apiKeyOfParameters(connectionParams), services);
          return prepareOperation(limits, payload, context);
        } catch (error) {
          const originalError = error instanceof Error ? error : new Error(String(error));
          return [new GraphQLError(originalError.message, { originalError })];
        }
      },
      onError: (_context, _id, _payload, errors) => errors.map(formatError),
    },
    sockets,
  );
  return async () => void (await dispose());
}
