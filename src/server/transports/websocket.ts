import type { IncomingMessage, Server, ServerOptions } from 'node:http';
import { type ConnectionInitMessage, handleProtocols, makeServer } from 'graphql-ws';
import type { Logger } from 'pino';
import { WebSocket, WebSocketServer } from 'ws';
import { ClvError } from '../../errors.js';
import type { Services } from '../../services/create-services.js';
import type { Actor } from '../../services/api-keys.service.js';
import { apiKeyOfParameters, authenticate } from '../authentication.js';
import { asGraphQLError, type FormatError } from '../errors.js';
import { OpenConnections } from './open-connections.js';
import { maskedExecution, type OperationLimits, prepareOperation } from '../execution/operations.js';
import type { CountRequest } from '../limits/rate-limit.js';
import { createContext } from '../request-context.js';
import { carry, type Carried } from './websocket-transport.js';

const maxPayload = 1024 * 1024;
/** Operations of one socket, such as the progress of as many runs. */
const mostOperations = 20;
/** The protocol's code for too many operations. */
const tooMany = 4429;
const goingAway = 1001;
const tryAgainLater = 1013;
/** How long closing waits for the peers' answers; a peer that is frozen or cut off gives none. */
const patienceMs = 2_000;

export interface SubscriptionOptions extends OperationLimits {
  readonly services: Services;
  readonly formatError: FormatError;
}

interface WebSocketOptions extends SubscriptionOptions {
  readonly countRequest: CountRequest;
  readonly logger: Logger;
}

interface Connection extends Carried {
  isKnown: boolean;
  readonly ip: string;
  readonly socket: WebSocket;
  /** Ends the counting of the connection as open. */
  leave: () => void;
}

const isForWebSocket = ({ headers, url }: IncomingMessage): boolean =>
  headers.upgrade?.toLowerCase() === 'websocket' && url?.split('?', 1)[0] === '/graphql';

/**
 * Requests to upgrade to another protocol, such as HTTP/2 by Java's client, or to a WebSocket elsewhere, are answered as plain requests.
 * Node has this option since 22.21; its types lack it.
 */
export const onlyForWebSockets = { shouldUpgradeCallback: isForWebSocket } as ServerOptions;

/**
 * Serves the graphql-ws protocol at `/graphql`. The API key is a connection parameter, `{ "Authorization": "Bearer <key>" }` or
 * `{ "X-API-Key": "<key>" }`. Without one, or with a wrong one, the connection is closed with code 4403; with 1013 if it cannot be checked
 * at the moment.
 * @returns a function that ends all subscriptions and closes all connections
 */
export function serveWebSockets(
  server: Server,
  { services, formatError, countRequest, logger, ...limits }: WebSocketOptions,
) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload, handleProtocols });
  const open = new OpenConnections();
  /** Counts the connection for its key from now on. @returns false if it was closed, or the key has too many */
  const admit = (actor: Actor, extra: Connection): boolean => {
    // It was closed meanwhile.
    if (extra.socket.readyState !== WebSocket.OPEN) return false;
    const leave = open.enter(`key ${actor.id}`);
    if (!leave) {
      extra.socket.close(tooMany, 'Too many connections');
      return false;
    }
    extra.leave();
    extra.leave = leave;
    extra.isKnown = true;
    return true;
  };
  const protocol = makeServer<ConnectionInitMessage['payload'], Connection>({
    ...maskedExecution(formatError),
    onConnect: async ({ connectionParams, extra }) => {
      try {
        const actor = await authenticate(apiKeyOfParameters(connectionParams), services.apiKeys);
        return actor !== null && admit(actor, extra);
      } catch (error) {
        const isForbidden = error instanceof ClvError && error.code === 'UNAUTHENTICATED';
        // For example during an outage of the database: clients connect again later. If it stayed open, it would count for its address.
        if (!isForbidden) extra.socket.close(tryAgainLater, String(formatError(error).extensions?.['code']));
        return false;
      }
    },
    onSubscribe: async ({ connectionParams, subscriptions, extra }, _id, payload) => {
      const running = Object.keys(subscriptions).length;
      try {
        const key = apiKeyOfParameters(connectionParams);
        await countRequest({ headers: { 'x-api-key': key }, ip: extra.ip });
        if (running > mostOperations) throw tooManyOperations();
        const hasLeft = () => extra.socket.readyState !== WebSocket.OPEN;
        return prepareOperation(limits, payload, await createContext(key, services, hasLeft));
      } catch (error) {
        return [asGraphQLError(error)];
      }
    },
    onError: (_context, _id, _payload, errors) => errors.map(formatError),
    onClose: ({ extra }) => extra.leave(),
  });
  server.on('upgrade', (request: IncomingMessage, socket, head) => {
    if (!isForWebSocket(request)) return socket.destroy();
    const ip = request.socket.remoteAddress ?? '';
    // Counted for its address until it shows a key.
    const leave = open.enter(`address ${ip}`);
    if (!leave) return socket.destroy();
    socket.once('close', leave);
    sockets.handleUpgrade(request, socket, head, (webSocket) =>
      carry(protocol, webSocket, { ip, socket: webSocket, leave, isKnown: false }, logger),
    );
  });
  return () => {
    for (const socket of sockets.clients) socket.close(goingAway, 'Going away');
    const cut = setTimeout(() => sockets.clients.forEach((socket) => socket.terminate()), patienceMs);
    return new Promise<void>((resolve) => sockets.close(() => resolve())).finally(() => clearTimeout(cut));
  };
}

function tooManyOperations(): ClvError {
  return new ClvError(
    'RATE_LIMITED',
    `More than ${mostOperations} operations run on this connection. Wait until one ends, or use HTTP.`,
    { details: { limit: mostOperations, retryAfterSeconds: 1 } },
  );
}
