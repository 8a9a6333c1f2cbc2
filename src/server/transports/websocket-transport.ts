import { CloseCode, type Server } from 'graphql-ws';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';

/** Between pings; a peer that has not answered before the next one counts as gone. */
const keepAliveMs = 12_000;
/** Most bytes that the peer has not read yet; more than any usual answer. */
const mostUnread = 8 * 1024 * 1024;
/**
 * Most bytes of a message before a valid key was shown, as many as the headers of a request may have. A megabyte of nested lists takes
 * 0.1 s to parse, and pings may carry any payload.
 */
const mostOfStrangers = 16 * 1024;
/** WebSocket's code for a message that is too large. */
const messageTooBig = 1009;

/** What is known of a connection. */
export interface Carried {
  /** Whether it has shown a valid key. */
  readonly isKnown: boolean;
}

/**
 * Carries one connection of the graphql-ws protocol. Unlike the library's own transport it cuts off a peer that does
 * not read what it asks for, and logs as the rest of the server does.
 */
export function carry<Extra extends Carried>(protocol: Server<Extra>, socket: WebSocket, extra: Extra, logger: Logger) {
  const failed = (err: unknown) => logger.info({ err }, 'a WebSocket failed');
  const cutOffIfUnread = () => {
    if (socket.bufferedAmount <= mostUnread) return;
    logger.warn('a WebSocket was cut off: its peer has yet to read more than 8 MiB of answers');
    socket.terminate();
  };
  let received = 0;
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      send: (data) =>
        new Promise((resolve) => {
          cutOffIfUnread();
          if (socket.readyState !== socket.OPEN) return resolve();
          // A socket that cannot be written to is closed next, which ends its operations.
          socket.send(data, () => resolve());
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage: (handle) =>
        socket.on('message', (data) => {
          const text = String(data);
          received += text.length;
          if (!extra.isKnown && received > mostOfStrangers) {
            return socket.close(messageTooBig, 'Too much without an API key');
          }
          handle(text).catch((error: unknown) => {
            failed(error);
            socket.close(CloseCode.InternalServerError, 'Internal server error');
          });
        }),
    },
    extra,
  );
  // The WebSocket itself answers pings.
  socket.on('ping', cutOffIfUnread);
  const stopPings = keepAlive(socket);
  socket.on('error', failed);
  socket.once('close', (code, reason) => {
    stopPings();
    closed(code, String(reason)).catch(failed);
  });
}

function keepAlive(socket: WebSocket): () => void {
  let answered = true;
  socket.on('pong', () => (answered = true));
  const timer = setInterval(() => {
    if (!answered) return socket.terminate();
    answered = false;
    socket.ping();
  }, keepAliveMs);
  return () => clearInterval(timer);
}
